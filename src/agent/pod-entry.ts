import type { TaskState } from '../drivers/driver.ts';
import type { HealthVerdict } from '../health/container-health.ts';
import type { Pod } from '../model/core/pod.ts';
import type { Stored } from '../model/resource.ts';
import type { Block } from './pod-view.ts';
import type { PodRecord } from './pod-record.ts';
import type { Action } from './reconcile.ts';

/** What the agent holds in memory about one Pod; only `record` and the driver's tasks outlive it. */
export interface PodEntry {
  readonly uid: string;
  /** `namespace/name`, once API or records have told it. */
  name: string | undefined;
  pod: Stored<Pod> | undefined;
  record: PodRecord | undefined;
  /** The record as it is on disk, and a write of it that is under way. */
  saved: PodRecord | undefined;
  saving: Promise<void> | undefined;
  readonly tasks: Map<string, TaskState>;
  readonly inFlight: Set<string>;
  readonly preparing: Map<string, string>;
  readonly blocks: Map<string, Block>;
  readonly stops: Map<string, number>;
  readonly health: Map<string, HealthVerdict>;
  /** Nobody can ask for its logs any more. */
  superfluous: boolean;
  /** Effects under way, so that none is begun twice. */
  readonly busy: Set<string>;
  /** Effects that failed, with the time before which they are not tried again. */
  readonly pauses: Map<Action['type'], { readonly failures: number; readonly untilMs: number }>;
  /** The API refused its status for good; it is told again when the Pod changes. */
  refused: boolean;
  /** The Pod's object was removed, as far as the API was asked to; the watch will tell. */
  objectDeleted: boolean;
  /** When a status that may wait is written at the latest. */
  reportAtMs: number;
  /** Ends what is being prepared. */
  abort: AbortController;
}

/** An entry about which nothing is known yet. */
export function newEntry(uid: string): PodEntry {
  return {
    uid,
    name: undefined,
    pod: undefined,
    record: undefined,
    saved: undefined,
    saving: undefined,
    tasks: new Map(),
    inFlight: new Set(),
    preparing: new Map(),
    blocks: new Map(),
    stops: new Map(),
    health: new Map(),
    superfluous: false,
    busy: new Set(),
    pauses: new Map(),
    refused: false,
    objectDeleted: false,
    reportAtMs: Infinity,
    abort: new AbortController(),
  };
}

const RANK: Readonly<Record<TaskState['phase'], number>> = { starting: 0, running: 1, exited: 2, lost: 2 };

/** Takes in what the driver says of a task, unless something later is known already. True when it is news. */
export function putTask(entry: PodEntry, task: TaskState): boolean {
  const before = entry.tasks.get(task.id);
  if (before && RANK[task.phase] <= RANK[before.phase]) return false;
  entry.tasks.set(task.id, task);
  if (RANK[task.phase] === 2) {
    entry.stops.delete(task.id);
    entry.health.delete(task.id);
  }
  return true;
}

/** True when `a` is an older state of an object than `b`; false when that cannot be told. */
export function isOlder(a: Stored<Pod>, b: Stored<Pod>): boolean {
  const [left, right] = [a.metadata.resourceVersion, b.metadata.resourceVersion];
  return /^\d+$/.test(left) && /^\d+$/.test(right) && (left.length < right.length || (left.length === right.length && left < right));
}
