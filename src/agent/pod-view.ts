import type { TaskState } from '../drivers/driver.ts';
import type { HealthVerdict } from '../health/container-health.ts';
import type { Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import { backoffMs } from '../base/backoff.ts';
import { fromTime } from '../base/clock.ts';
import type { ContainerRecord, PodRecord } from './pod-record.ts';
import { hasEnded } from './restart-policy.ts';
import { parseTaskId, taskId } from './task-id.ts';

/** All that is known about one Pod (by uid) on this machine: what {@link reconcilePod} and {@link podStatus} decide from. */
export interface PodView {
  readonly uid: string;
  /** As the API has it; undefined: it has vanished, or was never seen. */
  readonly pod: Stored<Pod> | undefined;
  readonly record: PodRecord | undefined;
  /** Its tasks, as the driver knows them. */
  readonly tasks: readonly TaskState[];
  /** Ids that have been handed to driver.start, which has not answered: they count as living. */
  readonly inFlight: ReadonlySet<string>;
  /** Containers whose start is being prepared, with a line about how far it is ('' when there is nothing to say). */
  readonly preparing: ReadonlyMap<string, string>;
  /** Containers that could not be started, by name. */
  readonly blocks: ReadonlyMap<string, Block>;
  /** Tasks that were told to end: when they will be killed, epoch ms. */
  readonly stops: ReadonlyMap<string, number>;
  /** Probe verdicts by task id; absent: no probes. */
  readonly health: ReadonlyMap<string, HealthVerdict>;
  /** A living task of another incarnation of the same name. */
  readonly predecessor: string | undefined;
  /** Whether logs of this vanished Pod are still wanted (`--previous` of its successor). */
  readonly keepsLogs: boolean;
  /** The API refused its status for good: nothing waits for it to be written. */
  readonly refused: boolean;
  readonly machine: { readonly address: string; readonly driver: string };
}

/** Why a container cannot start now: a Kubernetes waiting reason; tried again at `retryAtMs`, or when `failures` shows that it is no use to hurry. */
export interface Block {
  readonly reason: string;
  readonly message: string;
  readonly failures: number;
  readonly retryAtMs: number;
}

/** One execution of a container: what the driver says of it. */
export interface Attempt {
  readonly attempt: number;
  readonly task: TaskState;
}

/** The block that follows `before` when a start failed at `nowMs`: images are tried after 10 s doubling up to 300 s, all else after 1 s up to 30 s. */
export function nextBlock(before: Block | undefined, reason: string, message: string, nowMs: number): Block {
  const failures = (before?.failures ?? 0) + 1;
  const image = reason === 'ErrImagePull' || reason === 'InvalidImageName';
  const pause = backoffMs(failures, image ? { baseMs: 10_000, maxMs: 300_000 } : { baseMs: 1_000, maxMs: 30_000 });
  const shown = reason === 'ErrImagePull' && failures > 1 ? 'ImagePullBackOff' : reason;
  return { reason: shown, message, failures, retryAtMs: nowMs + pause };
}

/**
 * The executions of a container, oldest first. One that the Pod's status shows as started, and that neither driver nor records know (the agent's
 * directory was lost), is given as lost, so that its restart is counted.
 */
export function attemptsOf(view: PodView, container: string): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const task of view.tasks) {
    const name = parseTaskId(task.id);
    if (name?.container === container) attempts.push({ attempt: name.attempt, task });
  }
  attempts.sort((a, b) => a.attempt - b.attempt);
  const status = view.pod?.status?.containerStatuses?.find((entry) => entry.name === container);
  const newest = Math.max(attempts.at(-1)?.attempt ?? -1, view.record?.containers[container]?.attempt ?? -1);
  if (status?.containerID !== undefined && status.restartCount > newest) {
    const since = status.state?.running?.startedAt ?? status.state?.terminated?.startedAt ?? status.lastState?.terminated?.startedAt;
    const startedAtMs = since ? fromTime(since) : 0;
    const id = taskId(view.uid, container, status.restartCount);
    attempts.push({
      attempt: status.restartCount,
      task: { id, phase: 'lost', startedAtMs, finishedAtMs: startedAtMs, why: 'reboot' },
    });
  }
  return attempts;
}

/** Ids of all that lives of this Pod, what is just being started included. */
export function livingTasks(view: Pick<PodView, 'tasks' | 'inFlight'>): readonly string[] {
  const living = view.tasks.filter((task) => !hasEnded(task)).map((task) => task.id);
  return [...living, ...[...view.inFlight].filter((id) => !view.tasks.some((task) => task.id === id))];
}

/** What the records say of a container; a container without a record has never been started by this agent. */
export function recordOf(view: PodView, container: string): ContainerRecord | undefined {
  return view.record?.containers[container];
}
