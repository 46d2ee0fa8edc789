import type { DroverError } from '../base/errors.ts';
import type { Change } from './store.ts';
import { revisionOf, WATCH_BOUNDS, WatchQueue, type WatchBounds } from './watch-queue.ts';

/** What a watch can read from the past: the changes under `prefix` with `afterRevision` < revision <= `uptoRevision`, oldest first. */
export interface ChangeLog {
  /**
   * May stop early to bound its work: `reachedRevision` tells up to where it has looked. Throws `compacted` when the log does not reach back
   * to `afterRevision`.
   */
  read(prefix: string, afterRevision: number, uptoRevision: number): { changes: LoggedChange[]; reachedRevision: number };
  /** Awaited between two reads, so that a long catch-up blocks nobody; absent: nothing to wait for. */
  turn?(): Promise<void>;
}

/** A change that is in the log: anything but progress. */
export type LoggedChange = Exclude<Change, { type: 'progress' }>;

/** Gives each commit to all watchers, in order, and remembers how far it has come. */
export class FanOut {
  readonly #queues = new Set<WatchQueue>();
  readonly #bounds: WatchBounds;
  #revision: number;
  #closed: DroverError | undefined;

  /** Starts behind `revision`; `bounds` default to `WATCH_BOUNDS`. */
  constructor(revision: number, bounds: Partial<WatchBounds> = {}) {
    this.#revision = revision;
    this.#bounds = { ...WATCH_BOUNDS, ...bounds };
  }

  /** The revision of the newest change that was given to the watchers. */
  get revision(): number {
    return this.#revision;
  }

  /** Gives out what one commit changed, oldest first. */
  publish(changes: readonly LoggedChange[]): void {
    const newest = changes.at(-1);
    if (!newest) return;
    this.#revision = revisionOf(newest);
    for (const queue of this.#queues) {
      for (const change of changes) queue.push(change);
      queue.progress(this.#revision);
    }
  }

  /** Ends all watches, those under way and those to come, with `fault`. */
  close(fault: DroverError): void {
    this.#closed ??= fault;
    for (const queue of this.#queues) queue.fail(fault);
  }

  /**
   * A store's `watch`: reads the log until it has caught up with what was given out, joins the watchers in the same turn (so nothing falls
   * between, nothing comes twice), then goes on live.
   */
  async *watch(log: ChangeLog, prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<Change, void, undefined> {
    let position = afterRevision;
    let queue: WatchQueue | undefined;
    try {
      while (!queue) {
        if (signal.aborted) return;
        if (this.#closed) throw this.#closed;
        const { changes, reachedRevision } = log.read(prefix, position, this.#revision);
        position = Math.max(position, reachedRevision);
        if (reachedRevision >= this.#revision) {
          queue = new WatchQueue(prefix, position, this.#bounds);
          this.#queues.add(queue);
        }
        for (const change of changes) {
          yield change;
          if (signal.aborted) return;
        }
        if (!queue) await log.turn?.();
      }
      if (this.#revision >= afterRevision) yield { type: 'progress', revision: position };
      while (!signal.aborted) {
        const item = queue.take();
        if (item) yield item;
        else await queue.ready(signal);
      }
    } finally {
      if (queue) this.#queues.delete(queue);
    }
  }
}
