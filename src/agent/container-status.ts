import { toTime } from '../base/clock.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import { HEALTHY } from '../health/container-health.ts';
import { nextAttempt } from './next-attempt.ts';
import { attemptsOf, type Attempt, type PodView } from './pod-view.ts';
import { durationText, hasEnded, type EndedTask } from './restart-policy.ts';

/** v1 ContainerStatus of one container, from what is known of its executions. */
export function containerStatus(view: PodView, pod: Stored<Pod>, container: Container, nowMs: number): ContainerStatus {
  const attempts = attemptsOf(view, container.name);
  const latest = attempts.at(-1);
  const state = stateOf(view, pod, container, latest, nowMs);
  const verdict = latest?.task.phase === 'running' ? (view.health.get(latest.task.id) ?? HEALTHY) : undefined;
  // What has ended is the state itself, unless the container waits for its next start: then it is the last state.
  const before = state.waiting && latest && hasEnded(latest.task) ? latest : attempts.at(-2);
  const lastState = before && hasEnded(before.task) ? { terminated: terminated(view, before) } : {};
  return {
    name: container.name,
    state,
    lastState,
    ready: verdict?.ready ?? false,
    started: verdict?.started ?? false,
    restartCount: latest?.attempt ?? 0,
    image: container.image ?? '',
    imageID: container.image ?? '',
    ...(latest && latest.task.phase !== 'starting' && { containerID: containerId(view, latest.task.id) }),
  };
}

/** How Kubernetes' fields name a task: `process://<pod uid>/<container>/<attempt>`. */
export function containerId(view: Pick<PodView, 'machine'>, id: string): string {
  return `${view.machine.driver}://${id}`;
}

function stateOf(view: PodView, pod: Stored<Pod>, container: Container, latest: Attempt | undefined, nowMs: number): ContainerState {
  if (latest?.task.phase === 'running') return { running: { startedAt: toTime(latest.task.startedAtMs) } };
  if (latest?.task.phase === 'starting') return creating('');
  if (latest && pod.metadata.deletionTimestamp) return { terminated: terminated(view, latest) };
  const next = nextAttempt(view, pod, container.name);
  if (next.type === 'over' && latest) return { terminated: terminated(view, latest) };
  const block = view.blocks.get(container.name);
  if (block) return { waiting: { reason: block.reason, message: block.message } };
  if (next.type === 'start' && next.atMs > nowMs) {
    const { namespace = '', name, uid } = pod.metadata;
    const message = `back-off ${durationText(next.delayMs)} restarting failed container=${container.name} pod=${name}_${namespace}(${uid})`;
    return { waiting: { reason: 'CrashLoopBackOff', message } };
  }
  if (latest) return { terminated: terminated(view, latest) };
  if (view.predecessor !== undefined) return creating('waiting for the previous incarnation of this pod to end');
  return creating(view.preparing.get(container.name) ?? '');
}

function creating(message: string): ContainerState {
  return { waiting: { reason: 'ContainerCreating', ...(message !== '' && { message }) } };
}

function terminated(view: PodView, { task }: Attempt): NonNullable<ContainerState['terminated']> {
  const ended = task as EndedTask;
  const times = { startedAt: toTime(ended.startedAtMs), finishedAt: toTime(ended.finishedAtMs), containerID: containerId(view, ended.id) };
  if (ended.phase === 'exited') {
    const reason = ended.exitCode === 0 ? 'Completed' : 'Error';
    return { exitCode: ended.exitCode, ...(ended.signal !== undefined && { signal: ended.signal }), reason, ...times };
  }
  switch (ended.why) {
    case 'failed-start':
      return { exitCode: 128, reason: 'StartError', message: 'The task could not be started.', ...times };
    case 'reboot':
      return { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The machine was booted again while the task ran.', ...times };
    case 'supervisor-killed':
      return { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The task ended unseen: its supervisor was killed.', ...times };
  }
}
