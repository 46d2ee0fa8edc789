import type { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { backoffMs } from './backoff.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Keys worked on at the same time. */
  readonly concurrency: number;
  /** The pause of `retry`, by key. */
  readonly backoff: Backoff;
  /** Works on one key; must not reject (what it wants done about a fault it says through `retry`). */
  work(key: string): Promise<void>;
}

/**
 * A queue of keys. A key waits at most once and is worked on by one worker at a time: what is added while it is worked on is done after that. Work
 * begins in the order of adding, never inside `add`. Nothing is worked on before `start`.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { dueMs: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  #state: 'new' | 'open' | 'closed' = 'new';
  #pumping = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait for a worker, those whose delay has not passed not counted. */
  get depth(): number {
    return this.#ready.size + this.#again.size;
  }

  /** Keys that wait for their time. */
  get delayed(): number {
    return this.#delayed.size;
  }

  /** Keys that are worked on. */
  get running(): number {
    return this.#running.size;
  }

  /** True when nothing is worked on and nothing could be: keys may still wait for their time. */
  get isIdle(): boolean {
    return this.#state === 'closed' ? this.#running.size === 0 : this.#running.size === 0 && this.#ready.size === 0;
  }

  /** Lets work begin. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'open';
    this.#pump();
  }

  /** Work on `key` as soon as a worker is free. */
  add(key: string): void {
    if (this.#state === 'closed') return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#cancelDelay(key);
    this.#ready.add(key);
    this.#pump();
  }

  /** Work on `key` after `delayMs`, or earlier when it is added before. The earliest of several wishes counts; work on the key voids them. */
  addAfter(key: string, delayMs: number): void {
    if (this.#state === 'closed' || this.#ready.has(key)) return;
    if (delayMs <= 0) return this.add(key);
    const dueMs = this.#options.clock.monotonic() + delayMs;
    const before = this.#delayed.get(key);
    if (before && before.dueMs <= dueMs) return;
    before?.cancel();
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  /** Counts a failure of `key` and works on it again after its back-off. Returns the failures in a row. */
  retry(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, backoffMs(failures, this.#options.backoff));
    return failures;
  }

  /** Forgets the failures of `key`: it went well. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Resolves when the queue is idle ({@link isIdle}). */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Takes no more keys, drops those that wait, resolves when the work under way has ended. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed';
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#ready.clear();
    this.#again.clear();
    await Promise.all(this.#running.values());
    this.#settle();
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  #pump(): void {
    if (this.#pumping || this.#state !== 'open') return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      for (const key of this.#ready) {
        if (this.#state !== 'open' || this.#running.size >= this.#options.concurrency) break;
        this.#ready.delete(key);
        this.#cancelDelay(key);
        this.#running.set(key, this.#run(key));
      }
    });
  }

  async #run(key: string): Promise<void> {
    // Not in the same turn: the map of running keys must hold this one before its work can end.
    await Promise.resolve();
    try {
      await this.#options.work(key);
    } finally {
      this.#running.delete(key);
      if (this.#again.delete(key)) this.add(key);
      this.#pump();
      this.#settle();
    }
  }

  #settle(): void {
    if (!this.isIdle) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
