import type { ObjectChange } from '../client/informer.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { ControllerSnapshot } from '../observe/controller-snapshot.ts';
import type { Controller, ControllerContext, Watch } from './controller.ts';
import { hasCode } from '../base/errors.ts';
import { WorkQueue } from '../base/work-queue.ts';
import { keyOf, keyText } from '../model/resource.ts';
import { withFields } from '../observe/log.ts';
import { kindId } from './informers.ts';

const BACKOFF = { baseMs: 20, maxMs: 60_000 };
const DEFAULT_CONCURRENCY = 4;
/** Conflicts in a row after which someone should hear of it: caches lag for moments, not for long. */
const QUIET_CONFLICTS = 6;

/** Runs one controller during one term. */
export interface Worker {
  readonly queue: WorkQueue;
  /** Wakes what a change of an object of that kind concerns. */
  changed(kind: string, change: ObjectChange<Resource>): void;
  /** Wakes what any object in the caches concerns, and begins to work. */
  start(): void;
  /** How many reconciles have begun. */
  begun(): number;
  snapshot(): ControllerSnapshot;
}

/** Makes the worker of a controller. Nothing happens before `start`. */
export function createWorker(controller: Controller, base: Omit<ControllerContext, 'wake'>): Worker {
  const outcomes = { ok: 0, conflict: 0, error: 0, terminal: 0 };
  let totalMs = 0;
  let begun = 0;
  const log = withFields(base.log, { controller: controller.name });
  const context: ControllerContext = { ...base, log, wake: (key) => queue.add(key) };
  const queue: WorkQueue = new WorkQueue({
    clock: base.clock,
    concurrency: controller.concurrency ?? DEFAULT_CONCURRENCY,
    backoff: BACKOFF,
    work,
  });

  async function work(key: string): Promise<void> {
    const startedMs = base.clock.monotonic();
    begun++;
    try {
      const result = await controller.reconcile(key, context);
      outcomes.ok++;
      queue.forget(key);
      if (result?.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs);
    } catch (error) {
      failed(key, error);
    } finally {
      totalMs += base.clock.monotonic() - startedMs;
    }
  }

  function failed(key: string, error: unknown): void {
    if (base.signal.aborted) return;
    if (hasCode(error, 'terminal')) {
      outcomes.terminal++;
      queue.forget(key);
      log.error({ key, error }, 'failed, waiting for a change');
      return;
    }
    const conflict = hasCode(error, 'conflict');
    outcomes[conflict ? 'conflict' : 'error']++;
    const attempt = queue.retry(key);
    if (!conflict || attempt > QUIET_CONFLICTS) log.warn({ key, attempt, error }, 'failed, trying again');
  }

  function wake(watch: Watch, object: Stored<Resource>): void {
    if (!watch.keys) return queue.add(keyText(keyOf(object)));
    for (const key of watch.keys(object)) queue.add(key);
  }

  return {
    queue,
    begun: () => begun,
    changed(kind, change) {
      for (const watch of controller.watches) {
        if (kindId(watch.kind) !== kind) continue;
        wake(watch, change.object);
        if (change.type !== 'added') wake(watch, change.old);
      }
    },
    start() {
      for (const key of controller.initialKeys ?? []) queue.add(key);
      for (const watch of controller.watches) for (const object of base.caches.of(watch.kind).list()) wake(watch, object);
      queue.start();
    },
    snapshot: () => ({
      controller: controller.name,
      queued: queue.depth,
      delayed: queue.delayed,
      running: queue.running,
      outcomes: { ...outcomes },
      totalMs,
    }),
  };
}
