import type { ContainerStatus, Pod } from '../model/core/pod.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import { LABEL_INCARNATION } from '../model/labels.ts';
import { reason, type Reason } from '../model/reason.ts';

/** True when the Pod is an incarnation of this very instance (not of a namesake). */
export function isIncarnationOf(pod: Pod, instance: PodInstance): boolean {
  return pod.metadata.ownerReferences?.some((owner) => owner.uid === instance.metadata.uid) ?? false;
}

/** The incarnation number that the Pod carries; 0 without one. */
export function incarnationOf(pod: Pod): number {
  const number = Number(pod.metadata.labels?.[LABEL_INCARNATION]);
  return Number.isInteger(number) && number > 0 ? number : 0;
}

/** Ready condition True and not on its way out. */
export function isReady(pod: Pod): boolean {
  return !isDeleting(pod) && (pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false);
}

export function isDeleting(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionTimestamp !== null;
}

/** All its tasks have ended for good. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

/** It runs or is to run: neither ended nor being ended. */
export function isLive(pod: Pod): boolean {
  return !isDeleting(pod) && !isTerminal(pod);
}

/** Every task has a running process. */
export function allRunning(pod: Pod): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.length >= pod.spec.containers.length && statuses.every((status) => status.state?.running !== undefined);
}

/** Restarts by the agent, of all tasks of this incarnation. */
export function restartsOf(pod: Pod): number {
  return (pod.status?.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}

/** The newest end of a task that the Pod still shows. */
export function lastExit(pod: Pod): NonNullable<NonNullable<PodInstance['status']>['lastExit']> | undefined {
  const ends = (pod.status?.containerStatuses ?? []).flatMap((status) => {
    const ended = status.state?.terminated ?? status.lastState?.terminated;
    return ended ? [{ task: status.name, ended }] : [];
  });
  const newest = ends.toSorted((a, b) => (a.ended.finishedAt ?? '').localeCompare(b.ended.finishedAt ?? '')).at(-1);
  if (!newest) return undefined;
  const { exitCode, signal, reason: why, finishedAt } = newest.ended;
  return {
    task: newest.task,
    exitCode,
    ...(signal !== undefined && { signal }),
    ...(why !== undefined && { reason: why }),
    ...(finishedAt && { finishedAt }),
  };
}

/** Why a Pod that should come up is not Ready yet. */
export function notReadyReason(pod: Pod): Reason {
  const scheduled = pod.status?.conditions?.find((c) => c.type === 'PodScheduled');
  if (pod.spec.nodeName === undefined) {
    const why = scheduled?.status === 'False' ? `: ${scheduled.message ?? scheduled.reason ?? 'no reason given'}` : '';
    return reason(scheduled?.status === 'False' ? 'Unschedulable' : 'Scheduling', `Waits for a machine${why}.`);
  }
  const statuses = pod.status?.containerStatuses ?? [];
  const stuck = statuses.find((status) => status.state?.running === undefined);
  if (stuck) return taskReason(stuck);
  const unready = statuses.filter((status) => !status.ready).map((status) => status.name);
  if (unready.length === 0) return reason('AgentPending', `Waits for the agent of ${pod.spec.nodeName}.`, { node: pod.spec.nodeName });
  const restarts = restartsOf(pod);
  const after = restarts > 0 ? `, after ${restarts} restart${restarts === 1 ? '' : 's'}` : '';
  return reason('ProbesPending', `Task ${unready.join(', ')} runs but is not ready yet${after}.`, { tasks: unready, restarts });
}

function taskReason(status: ContainerStatus): Reason {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended && status.restartCount + (status.state?.terminated ? 1 : 0) > 0) {
    return reason(
      'TaskFailing',
      `Task ${status.name} ended with exit code ${ended.exitCode}${ended.signal ? ` (signal ${ended.signal})` : ''}; restarts so far: ${status.restartCount}.`,
      { task: status.name, exitCode: ended.exitCode, restarts: status.restartCount },
    );
  }
  const { reason: code, message } = status.state?.waiting ?? {};
  const safe = code !== undefined && /^[A-Z][A-Za-z0-9]*$/.test(code) ? code : 'TaskWaiting';
  return reason(safe, `Task ${status.name} waits: ${message ?? code ?? 'it is being made'}.`, { task: status.name });
}
