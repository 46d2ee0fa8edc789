/**
 * What the reader finds after it was too slow: what waited is thrown away, and either the stream fails with `error()` (the reader begins anew), or
 * one `item()` stands for all that was lost and the stream goes on.
 */
export type Overflow<T> = { readonly type: 'fail'; error(): Error } | { readonly type: 'replace'; item(): T };

export interface BoundedStreamOptions<T> {
  /** Items that may wait for the reader. */
  readonly capacity: number;
  readonly overflow: Overflow<T>;
  /** Ends the stream without error when aborted; what waits is dropped. */
  readonly signal?: AbortSignal;
  /** Called once, when the stream has ended for whatever reason (also when the reader leaves): unsubscribe here. */
  readonly onEnd?: () => void;
}

/** Turns pushes into an async iterable for one reader. Push never waits and never throws; memory is bounded by `capacity`. */
export class BoundedStream<T> implements AsyncIterable<T> {
  readonly #options: BoundedStreamOptions<T>;
  #buffer: T[] = [];
  #head = 0;
  #state: { type: 'open' } | { type: 'ended' } | { type: 'failed'; error: unknown } = { type: 'open' };
  #wake: (() => void) | undefined;
  readonly #onAbort = () => {
    this.#drop();
    this.end();
  };

  constructor(options: BoundedStreamOptions<T>) {
    this.#options = options;
    if (options.signal?.aborted) this.end();
    else options.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Items that wait for the reader. */
  get size(): number {
    return this.#buffer.length - this.#head;
  }

  /** Adds an item. False when the stream has ended, or ended or lost items just now by overflow. */
  push(item: T): boolean {
    if (this.#state.type !== 'open') return false;
    if (this.size < this.#options.capacity) {
      this.#buffer.push(item);
      this.#notify();
      return true;
    }
    this.#drop();
    const { overflow } = this.#options;
    if (overflow.type === 'fail') this.fail(overflow.error());
    else {
      this.#buffer.push(overflow.item());
      this.#notify();
    }
    return false;
  }

  /** No more items: the reader gets what waits, then the end. Idempotent. */
  end(): void {
    this.#close({ type: 'ended' });
  }

  /** The reader gets what waits, then `error`. Does nothing after an end. */
  fail(error: unknown): void {
    this.#close({ type: 'failed', error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        if (this.size > 0) {
          const item = this.#buffer[this.#head]!;
          this.#buffer[this.#head++] = undefined as T;
          if (this.#head > 64 && this.#head * 2 > this.#buffer.length) {
            this.#buffer = this.#buffer.slice(this.#head);
            this.#head = 0;
          }
          yield item;
          continue;
        }
        if (this.#state.type === 'ended') return;
        if (this.#state.type === 'failed') throw this.#state.error;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#drop();
      this.end();
    }
  }

  #drop(): void {
    this.#buffer = [];
    this.#head = 0;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #close(state: { type: 'ended' } | { type: 'failed'; error: unknown }): void {
    if (this.#state.type !== 'open') return;
    this.#state = state;
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#notify();
    this.#options.onEnd?.();
  }
}
