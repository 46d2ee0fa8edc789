import { toTime } from '../base/clock.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import { reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { earlier, type Action, type Decision } from './action.ts';
import { hint } from './did-you-mean.ts';
import { operatePlan } from './operate-plan.ts';
import { operatePod } from './operate-pod.ts';
import { planNames } from './plan-list.ts';
import { verdict, type Decided, type Verdict } from './verdict.ts';
import type { GateCall, ServiceSnapshot } from './service-snapshot.ts';

/**
 * Decides the oldest undecided operations, in the order of their making. Each leaves its uid where it took effect, before its outcome is written: after
 * a crash in between it is found applied. Only the first that has effects is decided in one turn: the next must see them.
 */
export function operate(snapshot: ServiceSnapshot): Decision {
  const open = snapshot.operations
    .filter((operation) => operation.status === undefined)
    .toSorted(
      (a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp) || a.metadata.name.localeCompare(b.metadata.name),
    );
  const asks: GateCall[] = [];
  let wakeAtMs: number | undefined;
  for (const operation of open) {
    const decided = decideOperation(snapshot, operation);
    if (!('outcome' in decided)) {
      if (decided.ask) asks.push(decided.ask);
      wakeAtMs = earlier(wakeAtMs, decided.wakeAtMs);
      continue;
    }
    return { actions: [...decided.effects, decisionOf(snapshot, operation, decided)], asks: [] };
  }
  return { actions: [], asks, ...(wakeAtMs !== undefined && { wakeAtMs }) };
}

/** One operation on one service: pure, so asking again before its effects are there gives the same answer. */
export function decideOperation(snapshot: ServiceSnapshot, operation: Stored<Operation>): Verdict {
  const applied = alreadyApplied(snapshot, operation);
  if (applied) return applied;
  const { verb, target, force, reason: why } = operation.spec;
  if (force === true && !why) return verdict('Refused', 'ReasonMissing', 'To override a refusal, give a reason (--reason).');
  if (verb === 'pod-restart' || verb === 'pod-replace') return operatePod(snapshot, operation);
  const names = planNames(snapshot.service, snapshot.runs);
  if (target.plan === undefined) return verdict('Refused', 'PlanMissing', 'The verb needs the name of a plan.');
  if (!names.includes(target.plan))
    return verdict('NotFound', 'PlanNotFound', `There is no plan "${target.plan}".${hint(target.plan, names)}`);
  return operatePlan(snapshot, operation, target.plan);
}

function alreadyApplied(snapshot: ServiceSnapshot, operation: Stored<Operation>): Verdict | undefined {
  const { uid } = operation.metadata;
  // Of the many runs of recovery some may still lack the change: its verbs look at each (operate-plan.ts).
  const many = operation.spec.target.plan === 'recovery';
  const marks = (run: Stored<PlanRun>) =>
    (run.spec.operation === operation.metadata.name && isSince(run, operation)) || (!many && run.status?.operations.includes(uid) === true);
  const run = snapshot.runs.find(marks);
  if (!run && !snapshot.service.status?.operations?.includes(uid)) return undefined;
  return verdict('Applied', 'Applied', 'Done.', run);
}

/** Names of operations come again, and runs outlive them: an older run was asked for by an earlier operation of the name. */
function isSince(run: Stored<PlanRun>, operation: Stored<Operation>): boolean {
  return run.metadata.creationTimestamp >= operation.metadata.creationTimestamp;
}

function decisionOf(snapshot: ServiceSnapshot, operation: Stored<Operation>, decided: Decided): Action {
  const status = {
    outcome: decided.outcome,
    reason: decided.reason,
    decidedAt: toTime(snapshot.nowMs),
    ...(decided.run !== undefined && { run: decided.run }),
  };
  const who = operation.spec.actor ? ` by ${operation.spec.actor}` : '';
  const said = reason(`Operation${decided.outcome}`, `${operation.spec.verb}${who}: ${decided.reason.message}`);
  const type = decided.outcome === 'Applied' || decided.outcome === 'AlreadySo' ? 'Normal' : 'Warning';
  return { type: 'decide-operation', operation, status, notes: [{ about: snapshot.service, type, reason: said }] };
}
