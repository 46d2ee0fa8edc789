import { backoffMs } from '../base/backoff.ts';
import { fromTime } from '../base/clock.ts';
import type { Pod } from '../model/core/pod.ts';
import type { PlanRun, StepRecord } from '../model/drover/plan-run.ts';
import { restartsOf } from './pod-facts.ts';

/** So many restarts by the agent without becoming ready, then the engine takes over with a new incarnation. */
export const CRASH_LIMIT = 5;

/** True when the agent's restarts in this attempt have not helped. Those before a recovery began (a pod that ran for months) do not count. */
export function crashLimitReached(run: PlanRun, record: StepRecord, pod: Pod): boolean {
  const { code, params } = run.spec.cause;
  const adopted = code === TASK_EXITED && params?.['incarnation'] === record.incarnation;
  const before = adopted && typeof params?.['restarts'] === 'number' ? params['restarts'] - 1 : 0;
  return restartsOf(pod) - before >= CRASH_LIMIT;
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
