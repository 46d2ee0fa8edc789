import { contentHash } from '../base/ids.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import { reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { compileRecovery } from './compile.ts';
import { findInstance } from './address.ts';
import { consult } from './gate.ts';
import { podLabel } from './names.ts';
import { isFinished } from './plan-list.ts';
import { verdict, type Verdict } from './verdict.ts';
import type { GateCall, ServiceSnapshot } from './service-snapshot.ts';

/**
 * Restart and replace of a pod: a recovery run of its own. A replace gives data up: the operator may refuse it for ever (the last copy of something),
 * and is asked before the verb is answered; a `hold` is no refusal, the run's step waits for it.
 */
export function operatePod(snapshot: ServiceSnapshot, operation: Stored<Operation>): Verdict {
  const { verb, target, actor, force, reason: why } = operation.spec;
  const action = verb === 'pod-replace' ? 'replace' : 'restart';
  if (target.pod === undefined) return verdict('Refused', 'PodMissing', 'The verb needs the name of a pod.');
  const address = findInstance(snapshot.instances, target.pod);
  if ('missing' in address) return verdict('NotFound', 'PodNotFound', address.missing);
  const instance = address.found;
  const label = podLabel(instance.spec.podType, instance.spec.index);
  if (snapshot.service.metadata.deletionTimestamp)
    return verdict('Refused', 'ServiceEnds', `Service ${instance.spec.service} is being deleted.`);
  if (instance.spec.desired === 'Stopped') return verdict('Refused', 'PodEnds', `${label} is being ended.`);
  if (instance.spec.incarnation === 0) return verdict('Refused', 'PodNotStarted', `${label} has not been started yet: plan deploy will.`);
  const asked = snapshot.runs.find(
    (run) =>
      !isFinished(run) &&
      run.spec.operation !== undefined &&
      !hasFailed(run) &&
      run.spec.phases[0]?.steps.some((s) => s.instance === instance.metadata.name && s.action === action),
  );
  if (asked) return verdict('AlreadySo', 'UnderWay', `A ${action} of ${label} is under way already (${asked.metadata.name}).`, asked);
  const forced = force === true && why ? { reason: why } : undefined;
  if (action === 'replace' && !forced) {
    const call: GateCall = {
      key: `mayStop/${operation.metadata.uid}`,
      gate: 'mayStop',
      instance: instance.metadata.name,
      action,
      record: undefined,
      force: undefined,
    };
    const gate = consult(snapshot, call);
    if (!gate.open && gate.refused) {
      const message = `${gate.reason?.message ?? 'The operator refuses.'} To replace it all the same: --force --reason TEXT.`;
      return { outcome: 'Refused', reason: { ...(gate.reason ?? reason('OperatorRefuses', message)), message }, effects: [] };
    }
    if (!gate.open && gate.reason === undefined) return { ask: gate.ask, ...(gate.wakeAtMs !== undefined && { wakeAtMs: gate.wakeAtMs }) };
  }
  const asker = `${actor ?? 'someone'} asked for it${why ? `: ${why}` : ''}`;
  const cause = reason(action === 'replace' ? 'ReplaceRequested' : 'RestartRequested', `${action} of ${label}: ${asker}.`, {
    actor,
    ...(why && { reason: why }),
  });
  const name = `${instance.metadata.name}.recovery.op-${contentHash(operation.metadata.uid, 10)}`;
  const run = compileRecovery(snapshot, instance, action, { cause, actor, operation: operation.metadata.name, name, force: forced });
  return {
    outcome: 'Applied',
    reason: reason(action === 'replace' ? 'Replacing' : 'Restarting', `The ${action} of ${label} has begun; plan recovery shows it.`),
    effects: [{ type: 'create-run', run }],
    run: name,
  };
}

/** A step of it has failed for good: it goes no further, so asking again is right. */
function hasFailed(run: PlanRun): boolean {
  return Object.values(run.status?.steps ?? {}).some((record) => record.state.state === 'failed');
}
