import type { Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import { attemptsOf, recordOf, type PodView } from './pod-view.ts';
import { crashesAfter, hasEnded, restartDelayMs, restarts } from './restart-policy.ts';

/** What a container does next: it lives, it has run for the last time, or `attempt` is to be started at `atMs` or later. */
export type Next =
  | { readonly type: 'lives'; readonly taskId: string }
  | { readonly type: 'over' }
  | { readonly type: 'start'; readonly attempt: number; readonly crashes: number; readonly atMs: number; readonly delayMs: number };

/**
 * Decides it from the records and from what the driver knows, so the answer is the same after a crash of the agent. An attempt that was recorded and
 * that the driver does not know was about to be started: it is the one to start.
 */
export function nextAttempt(view: PodView, pod: Stored<Pod>, container: string): Next {
  const attempts = attemptsOf(view, container);
  const record = recordOf(view, container);
  const living = attempts.findLast(({ task }) => !hasEnded(task));
  if (living) return { type: 'lives', taskId: living.task.id };
  const prefix = `${view.uid}/${container}/`;
  for (const id of view.inFlight) if (id.startsWith(prefix)) return { type: 'lives', taskId: id };
  const latest = attempts.at(-1);
  if (!latest || (record !== undefined && record.attempt > latest.attempt)) {
    return { type: 'start', attempt: record?.attempt ?? 0, crashes: record?.crashes ?? 0, atMs: 0, delayMs: 0 };
  }
  const { task } = latest;
  if (!hasEnded(task)) return { type: 'lives', taskId: task.id };
  if (!restarts(pod.spec.restartPolicy, task, record?.killedAttempt === latest.attempt)) return { type: 'over' };
  const crashes = crashesAfter(record?.crashes ?? 0, task);
  const delayMs = task.phase === 'lost' && task.why === 'reboot' ? 0 : restartDelayMs(crashes);
  return { type: 'start', attempt: latest.attempt + 1, crashes, atMs: task.finishedAtMs + delayMs, delayMs };
}
