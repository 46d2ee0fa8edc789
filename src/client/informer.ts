import type { Clock } from '../base/clock.ts';
import { backoffMs } from '../base/backoff.ts';
import { hasCode } from '../base/errors.ts';
import type { KindRef } from '../model/kind.ts';
import type { Resource, Stored } from '../model/resource.ts';
import { keyOf, keyText } from '../model/resource.ts';
import type { ResourceClient } from './client.ts';
import { ResourceCache } from './resource-cache.ts';

/** What happened to an object. `removed.object` is its last state, `old` the one before, as far as it was seen. */
export type ObjectChange<T extends Resource> =
  | { readonly type: 'added'; readonly object: Stored<T> }
  | { readonly type: 'changed'; readonly object: Stored<T>; readonly old: Stored<T> }
  | { readonly type: 'removed'; readonly object: Stored<T>; readonly old: Stored<T> };

export interface InformerOptions<T extends Resource> {
  readonly client: ResourceClient;
  readonly kind: KindRef<T>;
  readonly clock: Clock;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Told in order, after the cache has changed; the first list tells `added` for each object. Must be quick; what it throws goes to onFault. */
  readonly onChange?: (change: ObjectChange<T>) => void;
  /** A broken list or watch (the informer goes on by itself), or what onChange threw. */
  readonly onFault?: (error: unknown) => void;
}

const PAGE = 1000;
const BACKOFF = { baseMs: 100, maxMs: 30_000 };
/** After so many failures in a row the place in the log is given up: a store restored from a backup may not know it. */
const FAILURES_BEFORE_RELIST = 3;

/**
 * Keeps a cache of one kind: lists once, then watches, resuming where it was; lists again when the server no longer knows that place. A failure waits
 * 100 ms, doubled up to 30 s until something arrives again. Objects missed meanwhile are told as changes all the same (old state against new).
 */
export class Informer<T extends Resource = Resource> {
  readonly kind: KindRef<T>;
  /** May lag behind the store; empty until `synced`. */
  readonly cache = new ResourceCache<T>();
  /** Resolves when the first list is in the cache; rejects when closed before. */
  readonly synced: Promise<void>;
  readonly #options: InformerOptions<T>;
  readonly #abort = new AbortController();
  readonly #loop: Promise<void>;
  /** Where the watch goes on from; undefined: list first. */
  #position: string | undefined;
  #waiting = false;
  /** Counts what arrived, for caughtUp. */
  #arrivals = 0;
  #arrivalWaiters: (() => void)[] = [];
  #resolveSynced: () => void = () => {};

  constructor(options: InformerOptions<T>) {
    this.kind = options.kind;
    this.#options = options;
    this.synced = new Promise((resolve, reject) => {
      this.#resolveSynced = resolve;
      this.#abort.signal.addEventListener('abort', () => reject(this.#abort.signal.reason), { once: true });
    });
    // Whoever does not wait for the first list must not fail by closing before it.
    this.synced.catch(() => {});
    this.#loop = this.#run();
  }

  /**
   * Resolves when the cache shows all that the store held when it was called, or when a broken watch waits for the clock. For simulators and tests,
   * which move the clock only when nothing is left to do; costs a list unless resourceVersions are numbers and nothing was written since.
   */
  async caughtUp(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      if (this.#waiting) return;
      const arrivals = this.#arrivals;
      try {
        if (await this.#shows()) return;
      } catch (error) {
        if (hasCode(error, 'compacted')) continue;
        throw error;
      }
      if (arrivals === this.#arrivals) await this.#arrival();
    }
  }

  /** Stops watching; resolves when nothing runs any more. Idempotent. */
  async close(): Promise<void> {
    this.#abort.abort(new Error(`the informer of ${this.kind.plural} was closed`));
    this.#arrived();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (this.#position === undefined) await this.#relist();
        for await (const event of this.#options.client.watch(this.kind, this.#watchQuery())) {
          failures = 0;
          if (event.type === 'BOOKMARK') this.#position = event.resourceVersion;
          else {
            this.#position = event.object.metadata.resourceVersion;
            if (event.type === 'DELETED') this.#remove(event.object);
            else this.#put(event.object);
          }
          this.#arrived();
        }
      } catch (error) {
        if (signal.aborted) break;
        if (hasCode(error, 'compacted') || failures >= FAILURES_BEFORE_RELIST) this.#position = undefined;
        else this.#options.onFault?.(error);
      }
      if (signal.aborted) break;
      await this.#pause(backoffMs(++failures, BACKOFF));
    }
  }

  #pause(delayMs: number): Promise<void> {
    this.#waiting = true;
    this.#arrived();
    return new Promise((resolve) => {
      const { signal } = this.#abort;
      // `#waiting` ends within the clock's call, so that caughtUp right after a step of the clock already waits for the watch.
      const goOn = () => {
        this.#waiting = false;
        cancel();
        signal.removeEventListener('abort', goOn);
        resolve();
      };
      const cancel = this.#options.clock.after(delayMs, goOn);
      signal.addEventListener('abort', goOn, { once: true });
    });
  }

  #watchQuery() {
    return { ...this.#selection(), resourceVersion: this.#position!, signal: this.#abort.signal };
  }

  #selection() {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }

  async #listAll(): Promise<{ items: Stored<T>[]; resourceVersion: string }> {
    const items: Stored<T>[] = [];
    let next: string | undefined;
    for (;;) {
      const page = await this.#options.client.list(this.kind, {
        ...this.#selection(),
        limit: PAGE,
        ...(next !== undefined && { continue: next }),
      });
      items.push(...page.items);
      next = page.continue;
      if (next === undefined || next === '') return { items, resourceVersion: page.resourceVersion };
    }
  }

  async #relist(): Promise<void> {
    const { items, resourceVersion } = await this.#listAll();
    if (this.#abort.signal.aborted) return;
    const present = new Set(items.map((object) => keyText(keyOf(object))));
    for (const object of this.cache.list()) if (!present.has(keyText(keyOf(object)))) this.#remove(object);
    for (const object of items) this.#put(object);
    this.#position = resourceVersion;
    this.#arrived();
    this.#resolveSynced();
  }

  #put(object: Stored<T>): void {
    const old = this.cache.put(object);
    if (!old) return this.#tell({ type: 'added', object });
    if (old.metadata.uid !== object.metadata.uid) {
      // Deleted and created anew between two looks: whoever held on to the old one must hear of its end.
      this.#tell({ type: 'removed', object: old, old });
      this.#tell({ type: 'added', object });
    } else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) this.#tell({ type: 'changed', object, old });
  }

  #remove(object: Stored<T>): void {
    const old = this.cache.remove(keyOf(object));
    if (old) this.#tell({ type: 'removed', object, old });
  }

  #tell(change: ObjectChange<T>): void {
    try {
      this.#options.onChange?.(change);
    } catch (error) {
      this.#options.onFault?.(error);
    }
  }

  async #shows(): Promise<boolean> {
    const { resourceVersion: newest } = await this.#options.client.list(this.kind, { ...this.#selection(), limit: 1 });
    if (this.#position !== undefined && isAtLeast(this.#position, newest)) return true;
    const arrivals = this.#arrivals;
    const { items, resourceVersion } = await this.#listAll();
    if (this.#position === undefined || items.length !== this.cache.size) return false;
    const same = items.every((object) => this.cache.get(keyOf(object))?.metadata.resourceVersion === object.metadata.resourceVersion);
    // The list proves the cache current up to its revision, which spares the next comparison; the watch under way is not touched by it.
    if (same && arrivals === this.#arrivals) this.#position = resourceVersion;
    return same;
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => this.#arrivalWaiters.push(resolve));
  }

  #arrived(): void {
    this.#arrivals++;
    const waiters = this.#arrivalWaiters;
    this.#arrivalWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

function isAtLeast(position: string, newest: string): boolean {
  return /^\d+$/.test(position) && /^\d+$/.test(newest) && Number(position) >= Number(newest);
}
