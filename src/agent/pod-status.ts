import { toTime } from '../base/clock.ts';
import type { ContainerStatus, Pod, PodStatus } from '../model/core/pod.ts';
import { withCondition, type Condition, type Stored } from '../model/resource.ts';
import { containerStatus } from './container-status.ts';
import { livingTasks, type PodView } from './pod-view.ts';

/** True when a Pod has ended for good; its status never changes again. */
export function isOver(status: PodStatus | undefined): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** v1 PodStatus from what is known at `nowMs`; conditions of others are kept, times of conditions change only with their status. */
export function podStatus(view: PodView, pod: Stored<Pod>, nowMs: number): PodStatus {
  const before = pod.status ?? {};
  if (isOver(before)) return before;
  const containerStatuses = pod.spec.containers.map((container) => containerStatus(view, pod, container, nowMs));
  const ended = Boolean(pod.metadata.deletionTimestamp) && livingTasks(view).length === 0;
  const phase = phaseOf(pod, containerStatuses, ended);
  const now = toTime(nowMs);
  const conditions = conditionsOf(phase, containerStatuses).reduce<Condition[] | undefined>(
    (all, condition) => withCondition(all, condition, now),
    before.conditions,
  );
  const { address } = view.machine;
  return {
    ...before,
    phase,
    ...(conditions && { conditions }),
    hostIP: address,
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: before.startTime ?? now,
    containerStatuses,
  };
}

/** Equal as JSON: `undefined` members count as absent. Statuses are small, so this is cheap beside a write. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) if (!sameJson(left[key], right[key])) return false;
  return true;
}

/** Kubernetes' getPhase, for containers that all start at once; a deleted pod is over when nothing of it lives. */
function phaseOf(pod: Stored<Pod>, statuses: readonly ContainerStatus[], deletedAndEnded: boolean): NonNullable<PodStatus['phase']> {
  const running = statuses.filter((status) => status.state?.running).length;
  const waiting = statuses.filter((status) => status.state?.waiting && !status.lastState?.terminated).length;
  const ended = statuses.map((status) => status.state?.terminated ?? status.lastState?.terminated);
  const allGood = ended.every((end) => end?.exitCode === 0);
  if (deletedAndEnded && statuses.some((status) => status.state?.terminated)) {
    return allGood ? 'Succeeded' : 'Failed';
  }
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  switch (pod.spec.restartPolicy ?? 'Always') {
    case 'Always':
      return 'Running';
    case 'OnFailure':
      return statuses.every((status) => status.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Running';
    case 'Never':
      return allGood ? 'Succeeded' : 'Failed';
  }
}

function conditionsOf(phase: PodStatus['phase'], statuses: readonly ContainerStatus[]): Condition[] {
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  const completed = phase === 'Succeeded' ? { reason: 'PodCompleted' } : phase === 'Failed' ? { reason: 'PodFailed' } : undefined;
  const readiness: Omit<Condition, 'type'> = completed
    ? { status: 'False', ...completed }
    : unready.length === 0
      ? { status: 'True' }
      : { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  return [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'ContainersReady', ...readiness },
    { type: 'Ready', ...readiness },
  ];
}
