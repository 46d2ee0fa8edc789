import { fromTime } from '../base/clock.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { Stored } from '../model/resource.ts';
import { earlier, type Action, type Decision } from './action.ts';
import { isFinished, newestRun, recoveryRuns } from './plan-list.ts';
import { targetRevision, type ServiceSnapshot } from './service-snapshot.ts';

/** How much history stays. Operations also go an hour after their decision. */
export const KEEP = { runs: 20, revisions: 20, operations: 100, operationMs: 3_600_000 } as const;

/** Old runs, revisions and operations that nothing needs any more. */
export function collect(snapshot: ServiceSnapshot): Decision {
  const actions: Action[] = [...oldRuns(snapshot), ...oldRevisions(snapshot)].map((object) => ({ type: 'collect', object }));
  let wakeAtMs: number | undefined;
  const decided = snapshot.operations
    .filter((operation) => operation.status !== undefined)
    .toSorted((a, b) => fromTime(b.status!.decidedAt) - fromTime(a.status!.decidedAt));
  decided.forEach((operation, i) => {
    const dueAtMs = fromTime(operation.status!.decidedAt) + KEEP.operationMs;
    if (i >= KEEP.operations || snapshot.nowMs >= dueAtMs) actions.push({ type: 'collect', object: operation });
    else wakeAtMs = earlier(wakeAtMs, dueAtMs);
  });
  return { actions, asks: [], ...(wakeAtMs !== undefined && { wakeAtMs }) };
}

function oldRuns(snapshot: ServiceSnapshot): Stored<PlanRun>[] {
  const shown = new Set(recoveryRuns(snapshot.runs));
  const plans = [...new Set(snapshot.runs.map((run) => run.spec.plan))];
  return plans.flatMap((plan) => {
    const newest = newestRun(snapshot.runs, plan);
    return snapshot.runs
      .filter((run) => run.spec.plan === plan && isFinished(run) && run !== newest && !shown.has(run))
      .toSorted((a, b) => b.spec.number - a.spec.number)
      .slice(KEEP.runs);
  });
}

function oldRevisions(snapshot: ServiceSnapshot): Stored<ServiceSnapshot['revisions'][number]>[] {
  const used = new Set<string | undefined>([
    targetRevision(snapshot)?.metadata.name,
    ...snapshot.instances.map((instance) => instance.spec.revision),
    ...snapshot.runs.filter((run) => !isFinished(run)).map((run) => run.spec.revision),
  ]);
  return snapshot.revisions
    .toSorted((a, b) => b.spec.number - a.spec.number)
    .slice(KEEP.revisions)
    .filter((revision) => !used.has(revision.metadata.name));
}
