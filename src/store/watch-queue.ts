import { DroverError } from '../base/errors.ts';
import type { Change } from './store.ts';

/** How much a watcher may leave unread: so many changes, so many characters of values. */
export interface WatchBounds {
  readonly changes: number;
  readonly characters: number;
}

/** What a store grants each watcher unless told otherwise. */
export const WATCH_BOUNDS: WatchBounds = { changes: 10_000, characters: 64 * 1024 * 1024 };

/**
 * The changes that one watcher has still to read. When the reader lets it grow over its bounds, it drops everything and reading throws
 * `compacted`. Progress takes no room: only the newest is kept, and only when the reader has seen no change as new.
 */
export class WatchQueue {
  readonly prefix: string;
  readonly #bounds: WatchBounds;
  #items: (Change | undefined)[] = [];
  #head = 0;
  #characters = 0;
  #seenRevision: number;
  #progressRevision: number;
  #fault: DroverError | undefined;
  #wake: (() => void) | undefined;

  /** A queue for the changes under `prefix` after `afterRevision`. */
  constructor(prefix: string, afterRevision: number, bounds: WatchBounds) {
    this.prefix = prefix;
    this.#bounds = bounds;
    this.#seenRevision = afterRevision;
    this.#progressRevision = afterRevision;
  }

  /** Adds a change if it is under the prefix and newer than what was read. */
  push(change: Exclude<Change, { type: 'progress' }>): void {
    if (this.#fault || revisionOf(change) <= this.#seenRevision || !keyOf(change).startsWith(this.prefix)) return;
    this.#items.push(change);
    this.#characters += sizeOf(change);
    if (this.#items.length - this.#head > this.#bounds.changes || this.#characters > this.#bounds.characters) {
      this.fail(new DroverError('compacted', `The watch of ${this.prefix} was cut off because it read too slowly: list again.`));
    }
    this.#wakeUp();
  }

  /** Tells that everything up to `revision` has been pushed. */
  progress(revision: number): void {
    if (this.#fault || revision <= this.#progressRevision) return;
    this.#progressRevision = revision;
    this.#wakeUp();
  }

  /** Drops what is unread; the next read throws `fault`. */
  fail(fault: DroverError): void {
    this.#fault ??= fault;
    this.#items = [];
    this.#head = 0;
    this.#wakeUp();
  }

  /** The next item, undefined when there is none now. Throws when the queue was cut off. */
  take(): Change | undefined {
    if (this.#fault) throw this.#fault;
    const change = this.#items[this.#head];
    if (change) {
      this.#items[this.#head++] = undefined;
      if (this.#head === this.#items.length || this.#head === 1024) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
      this.#characters -= sizeOf(change);
      this.#seenRevision = revisionOf(change);
      return change;
    }
    if (this.#progressRevision <= this.#seenRevision) return undefined;
    this.#seenRevision = this.#progressRevision;
    return { type: 'progress', revision: this.#progressRevision };
  }

  /** Resolves when `take` may have something, or when `signal` aborts. One waiter at a time. */
  ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #wakeUp(): void {
    this.#wake?.();
  }
}

/** The revision of any change. */
export function revisionOf(change: Change): number {
  return change.type === 'put' ? change.entry.modRevision : change.revision;
}

/** The key that a change is about. */
export function keyOf(change: Exclude<Change, { type: 'progress' }>): string {
  return change.type === 'put' ? change.entry.key : change.previous.key;
}

function sizeOf(change: Change): number {
  if (change.type === 'progress') return 0;
  return (change.type === 'put' ? change.entry.value.length : 0) + (change.previous?.value.length ?? 0);
}
