import { reason, type Reason } from '../model/reason.ts';
import type { Container, Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import { attemptsOf, livingTasks, type PodView } from './pod-view.ts';
import { isOver, podStatus, sameJson } from './pod-status.ts';
import { nextAttempt } from './next-attempt.ts';
import { hasEnded } from './restart-policy.ts';
import { parseTaskId } from './task-id.ts';

/** One thing to do for a Pod, and why. Each is idempotent; doing it twice after a crash does no harm. */
export type Action =
  | { readonly type: 'start'; readonly container: string; readonly attempt: number; readonly crashes: number; readonly reason: Reason }
  | { readonly type: 'stop'; readonly id: string; readonly graceMs: number; readonly reason: Reason }
  /** Stop because a probe failed: recorded first, so that the restart follows whatever the exit code. */
  | { readonly type: 'kill'; readonly id: string; readonly graceMs: number; readonly reason: Reason }
  | { readonly type: 'remove'; readonly id: string; readonly reason: Reason }
  /** Write the status as it then is. `patienceMs`: how long the write may wait, because more is about to change. */
  | { readonly type: 'report'; readonly patienceMs: number }
  | { readonly type: 'delete-object'; readonly reason: Reason }
  /** The Pod is gone and nothing of it lives: keep only what `--previous` may ask for. */
  | { readonly type: 'mark-gone'; readonly reason: Reason }
  | { readonly type: 'forget'; readonly reason: Reason };

/** What to do now, and when to look again at the latest (epoch ms; Infinity: when something changes). */
export interface Decision {
  readonly actions: readonly Action[];
  readonly wakeAtMs: number;
}

/** A task that outlives its kill by so much was not stopped: it is told once more. */
const OVERDUE_MS = 30_000;
/** A status that is about to change again is written after so long at the latest; one that says nothing yet has more time. */
const REPORT_MS = 1_000;
const SILENT_REPORT_MS = 5_000;
/** Deadlines nearer than the present one by less than this are the same deadline. */
const DEADLINE_SLACK_MS = 1_000;

/**
 * Decides what one Pod needs: (wanted, observed, records, now) -> actions with reasons. Pure. In words: a Pod that has vanished from the API is stopped
 * with its own grace, then only its last logs are kept; one that is being deleted is stopped, its end reported, its object removed; one that is over is
 * left alone; any other has each container started, restarted after its back-off, or killed when a probe says so. Nothing starts while an earlier
 * attempt of the container, or any task of another incarnation of the same name, lives.
 */
export function reconcilePod(view: PodView, nowMs: number): Decision {
  const { pod } = view;
  if (!pod) return vanished(view, nowMs);
  const decision = pod.metadata.deletionTimestamp
    ? deleting(view, pod, nowMs)
    : isOver(pod.status)
      ? { actions: stopAll(view, nowMs, graceMsOf(pod), reason('PodOver', `The pod is ${pod.status?.phase}.`)), wakeAtMs: overdueAt(view) }
      : wanted(view, pod, nowMs);
  return { ...decision, actions: [...decision.actions, ...oldAttempts(view, pod)] };
}

function wanted(view: PodView, pod: Stored<Pod>, nowMs: number): Decision {
  const actions: Action[] = [];
  let wakeAtMs = overdueAt(view);
  for (const container of pod.spec.containers) {
    const step = wantedContainer(view, pod, container, nowMs);
    actions.push(...step.actions);
    wakeAtMs = Math.min(wakeAtMs, step.wakeAtMs);
  }
  return { actions: [...actions, ...report(view, pod, nowMs, actions)], wakeAtMs };
}

function wantedContainer(view: PodView, pod: Stored<Pod>, { name }: Container, nowMs: number): Decision {
  const next = nextAttempt(view, pod, name);
  switch (next.type) {
    case 'over':
      return { actions: [], wakeAtMs: Infinity };
    case 'lives': {
      const kill = view.health.get(next.taskId)?.kill;
      if (!kill || view.stops.has(next.taskId)) return { actions: overdue(view, next.taskId, nowMs), wakeAtMs: Infinity };
      const text = `Container ${name} failed ${kill.role} probe, will be restarted`;
      const why = reason('Unhealthy', text, { role: kill.role, message: kill.message });
      return { actions: [{ type: 'kill', id: next.taskId, graceMs: kill.graceMs ?? graceMsOf(pod), reason: why }], wakeAtMs: Infinity };
    }
    case 'start': {
      if (view.preparing.has(name) || view.predecessor !== undefined) return { actions: [], wakeAtMs: Infinity };
      const atMs = Math.max(next.atMs, view.blocks.get(name)?.retryAtMs ?? 0);
      if (atMs > nowMs) return { actions: [], wakeAtMs: atMs };
      const { attempt, crashes, delayMs } = next;
      const why =
        attempt === 0
          ? reason('Wanted', `Container ${name} is wanted and has not run yet.`)
          : reason('Restart', `Container ${name} ended; restart ${attempt}.`, { attempt, crashes, backoffSeconds: delayMs / 1000 });
      return { actions: [{ type: 'start', container: name, attempt, crashes, reason: why }], wakeAtMs: Infinity };
    }
  }
}

function deleting(view: PodView, pod: Stored<Pod>, nowMs: number): Decision {
  const graceMs = remainingGraceMs(pod, nowMs);
  if (livingTasks(view).length > 0) {
    const why = reason('Deleted', `The pod was deleted with a grace period of ${pod.metadata.deletionGracePeriodSeconds ?? 0} s.`);
    const actions = stopAll(view, nowMs, graceMs, why);
    return { actions: [...actions, ...report(view, pod, nowMs, actions)], wakeAtMs: overdueAt(view) };
  }
  const ran = pod.spec.containers.some((container) => attemptsOf(view, container.name).length > 0);
  const status = ran ? report(view, pod, nowMs, []) : [];
  if (status.length > 0 && !view.refused) return { actions: status, wakeAtMs: Infinity };
  return { actions: [{ type: 'delete-object', reason: reason('Ended', 'All tasks of the deleted pod have ended.') }], wakeAtMs: Infinity };
}

function vanished(view: PodView, nowMs: number): Decision {
  if (livingTasks(view).length > 0) {
    const why = reason('Vanished', 'The pod is no longer in the API.');
    return { actions: stopAll(view, nowMs, view.record?.graceMs ?? 30_000, why), wakeAtMs: overdueAt(view) };
  }
  const why = reason('Gone', 'The pod is gone and all its tasks have ended.');
  if (!view.record || view.tasks.length === 0 || !view.keepsLogs) return { actions: [{ type: 'forget', reason: why }], wakeAtMs: Infinity };
  const old = removable(view, 0, reason('OldAttempt', 'Only the last logs of a gone pod are kept.'));
  if (view.record.goneAtMs !== undefined) return { actions: old, wakeAtMs: Infinity };
  return { actions: [...old, { type: 'mark-gone', reason: why }], wakeAtMs: Infinity };
}

function report(view: PodView, pod: Stored<Pod>, nowMs: number, planned: readonly Action[]): Action[] {
  const starting =
    planned.some((action) => action.type === 'start') ||
    view.preparing.size > 0 ||
    view.inFlight.size > 0 ||
    view.tasks.some((task) => task.phase === 'starting');
  // A start will soon be news; until then a pod that has only begun has nothing to say that its age does not.
  if (starting && isSilent(view, pod)) return [{ type: 'report', patienceMs: SILENT_REPORT_MS }];
  if (sameJson(podStatus(view, pod, nowMs), pod.status)) return [];
  return [{ type: 'report', patienceMs: starting ? REPORT_MS : 0 }];
}

function isSilent(view: PodView, pod: Stored<Pod>): boolean {
  if (pod.status?.containerStatuses !== undefined || view.blocks.size > 0) return false;
  for (const message of view.preparing.values()) if (message !== '') return false;
  return view.tasks.every((task) => task.phase === 'starting');
}

/** Keeps the newest attempt of each container and the one before it. */
function oldAttempts(view: PodView, pod: Stored<Pod>): Action[] {
  if (view.tasks.length <= pod.spec.containers.length) return [];
  return removable(view, 1, reason('OldAttempt', 'Only the last two executions of a container are kept.'));
}

function removable(view: PodView, keepBefore: number, why: Reason): Action[] {
  const newest = new Map<string, number>();
  for (const task of view.tasks) {
    const name = parseTaskId(task.id)!;
    newest.set(name.container, Math.max(newest.get(name.container) ?? 0, name.attempt));
  }
  return view.tasks
    .filter((task) => hasEnded(task) && parseTaskId(task.id)!.attempt < newest.get(parseTaskId(task.id)!.container)! - keepBefore)
    .map((task) => ({ type: 'remove', id: task.id, reason: why }));
}

/** Tells every living task to end, unless it has been told to end by then or earlier. What is in flight is told once the driver knows it. */
function stopAll(view: PodView, nowMs: number, graceMs: number, why: Reason): Action[] {
  const actions: Action[] = [];
  for (const task of view.tasks) {
    if (hasEnded(task)) continue;
    const deadline = view.stops.get(task.id);
    if (deadline === undefined || nowMs + graceMs < deadline - DEADLINE_SLACK_MS)
      actions.push({ type: 'stop', id: task.id, graceMs, reason: why });
    else actions.push(...overdue(view, task.id, nowMs));
  }
  return actions;
}

function overdue(view: PodView, id: string, nowMs: number): Action[] {
  const deadline = view.stops.get(id);
  if (deadline === undefined || nowMs < deadline + OVERDUE_MS) return [];
  return [{ type: 'stop', id, graceMs: 0, reason: reason('Overdue', 'The task outlived its grace period.') }];
}

function overdueAt(view: PodView): number {
  const living = view.tasks.filter((task) => !hasEnded(task) && view.stops.has(task.id));
  return Math.min(Infinity, ...living.map((task) => view.stops.get(task.id)! + OVERDUE_MS));
}

function graceMsOf(pod: Stored<Pod>): number {
  return (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
}

/** deletionTimestamp is the end of the grace period in whole seconds, so up to one second is added: an agent that starts again does not begin anew. */
function remainingGraceMs(pod: Stored<Pod>, nowMs: number): number {
  const graceMs = (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const endsAtMs = Date.parse(pod.metadata.deletionTimestamp ?? '') + 1000;
  return Number.isNaN(endsAtMs) ? graceMs : Math.max(0, Math.min(graceMs, endsAtMs - nowMs));
}
