import type { PodSpec } from '../model/core/pod.ts';
import type { TaskState } from '../drivers/driver.ts';

/** Delay before the second restart in a row; doubles with each further one. */
export const BACKOFF_FIRST_MS = 10_000;
/** The longest delay between restarts. */
export const BACKOFF_MAX_MS = 300_000;
/** An execution that lasted this long was a good one: the back-off starts anew. */
export const BACKOFF_RESET_MS = 600_000;

/** A task that has ended. */
export type EndedTask = Extract<TaskState, { phase: 'exited' | 'lost' }>;

/** True when the task has ended, whatever way. */
export function hasEnded(task: TaskState): task is EndedTask {
  return task.phase === 'exited' || task.phase === 'lost';
}

/** Whether the container runs again after `ended`. `killed`: the agent itself ended it because a probe failed, so its exit code says nothing. */
export function restarts(policy: PodSpec['restartPolicy'], ended: EndedTask, killed: boolean): boolean {
  switch (policy ?? 'Always') {
    case 'Always':
      return true;
    case 'OnFailure':
      return killed || ended.phase === 'lost' || ended.exitCode !== 0;
    case 'Never':
      return false;
  }
}

/**
 * How many executions in a row have ended badly, `ended` among them, when `before` had before it. A reboot of the machine is not the container's
 * fault and does not count.
 */
export function crashesAfter(before: number, ended: EndedTask): number {
  if (ended.phase === 'lost' && ended.why === 'reboot') return before;
  return ended.finishedAtMs - ended.startedAtMs >= BACKOFF_RESET_MS ? 1 : before + 1;
}

/** The delay between the end of an execution and the next start, by the crashes in a row: none after the first, then 10 s doubling up to 300 s. */
export function restartDelayMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(BACKOFF_FIRST_MS * 2 ** (crashes - 2), BACKOFF_MAX_MS);
}

/** `10s`, `1m20s`: a duration as Kubernetes prints it in messages. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds % 60}s`;
}
