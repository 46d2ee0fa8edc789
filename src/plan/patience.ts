import { backoffMs } from '../base/backoff.ts';
import { fromTime } from '../base/clock.ts';
import type { Pod } from '../model/core/pod.ts';
import type { PlanRun, StepRecord } from '../model/drover/plan-run.ts';
import { isReady, restartsOf } from './pod-facts.ts';

/** So many restarts by the agent without becoming ready, then the engine takes over with a new incarnation. */
export const CRASH_LIMIT = 5;

/** True when the agent's restarts in this attempt have not helped. Those before it took the pod over (one that ran for months) do not count. */
export function crashLimitReached(record: StepRecord, pod: Pod): boolean {
  return !isReady(pod) && restartsOf(pod) - (record.restarts ?? 0) >= CRASH_LIMIT;
}

/** The restarts of an adopted pod that the attempt has nothing to do with: all so far, but not the one that its run was made for. */
export function restartsBefore(run: PlanRun, incarnation: number, pod: Pod): number {
  const { code, params } = run.spec.cause;
  const watched = code === TASK_EXITED && params?.['incarnation'] === incarnation;
  return watched && typeof params['restarts'] === 'number' ? params['restarts'] - 1 : restartsOf(pod);
}

/** Cause of a recovery run that watches the agent restart a task. */
export const TASK_EXITED = 'TaskExited';

/** How long the n-th attempt's failure is slept on: 10 s, doubled with each, at most 5 min. The attempt is durable, so this outlives restarts. */
export function retryDelayMs(attempt: number): number {
  return backoffMs(Math.max(1, attempt), { baseMs: 10_000, maxMs: 300_000 });
}

/** How long a task that no probe speaks for must have run until it is believed to stay: what exits at once was never up. */
export const PROVING_MS = 3_000;

/** When the Pod's tasks without readiness and startup probe have proved themselves, epoch ms; 0 without such tasks. */
export function provenAtMs(pod: Pod): number {
  const silent = pod.spec.containers.filter((container) => !container.readinessProbe && !container.startupProbe).map(({ name }) => name);
  const since = (pod.status?.containerStatuses ?? [])
    .filter((status) => silent.includes(status.name) && status.state?.running?.startedAt)
    .map((status) => fromTime(status.state!.running!.startedAt!));
  return since.length === 0 ? 0 : Math.max(...since) + PROVING_MS;
}
