import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import { DroverError, hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { Change, Store } from '../store/store.ts';
import { tooLargeResourceVersion } from './faults.ts';
import { KindCache } from './kind-cache.ts';
import { kindPrefix, prefixOfKey, REGISTRY } from './storage-key.ts';

/** How far back the rings reach after a start, so that watches of before a restart go on: revisions. */
const HISTORY_REVISIONS = 5_000;
const BOOKMARK_EVERY_MS = 60_000;
const RETRY_AFTER_MS = 500;
/** How long a read waits for a revision that has not come yet; kube-apiserver's figure. */
const WAIT_MS = 3_000;

/** What a feed needs. `fault` is told of a store that cannot be watched; the feed goes on trying. */
export interface FeedOptions {
  readonly store: Store;
  readonly kinds: readonly Kind[];
  readonly clock: Clock;
  fault(error: unknown): void;
}

/**
 * The one reader of the store's log: keeps a {@link KindCache} a kind, all at one revision. Every change is parsed at most once, whoever reads it;
 * what this process wrote itself is not parsed at all.
 */
export class ObjectFeed {
  readonly #options: FeedOptions;
  readonly #caches = new Map<string, KindCache>();
  readonly #closing = new AbortController();
  #revision: number;
  readonly #written = new Map<string, Stored<Resource>>();
  #waiters: { readonly revision: number; readonly resolve: () => void }[] = [];
  #loop: Promise<unknown> = Promise.resolve();

  private constructor(options: FeedOptions, revision: number) {
    this.#options = options;
    this.#revision = revision;
    for (const kind of options.kinds) this.#caches.set(kindPrefix(kind), new KindCache(revision));
  }

  /** Reads the store and follows it until close. */
  static async open(options: FeedOptions): Promise<ObjectFeed> {
    const { store } = options;
    const feed = new ObjectFeed(options, 0);
    const base = Math.max(store.compactedRevision(), store.revision() - HISTORY_REVISIONS, 0);
    await feed.#load(base).catch((error: unknown) => {
      if (!hasCode(error, 'compacted')) throw error;
      return feed.#load(undefined);
    });
    feed.#loop = Promise.all([feed.#follow(), feed.#bookmarks()]);
    await feed.reached(store.revision());
    return feed;
  }

  /** The revision up to which all caches show the store. */
  get revision(): number {
    return this.#revision;
  }

  /** Throws when the kind is not of this feed's scheme. */
  cacheOf(kind: Pick<Kind, 'group' | 'plural'>): KindCache {
    const cache = this.#caches.get(kindPrefix(kind));
    if (!cache) throw new DroverError('not-found', `The server does not serve ${kind.plural} of group "${kind.group}".`);
    return cache;
  }

  /** Waits until the caches show every write that was acknowledged before now. */
  async fresh(): Promise<void> {
    const { store } = this.#options;
    if (this.#revision < store.revision()) await this.reached(store.revision());
  }

  /** Waits until the caches show `revision`. Throws `timeout` when it does not come within 3 s. */
  async reached(revision: number): Promise<void> {
    if (this.#revision >= revision) return;
    if (this.#closing.signal.aborted) throw closed();
    await new Promise<void>((resolve, reject) => {
      const waiter = { revision, resolve: () => finish(resolve) };
      const finish = (settle: () => void) => {
        cancel();
        this.#closing.signal.removeEventListener('abort', onClose);
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        settle();
      };
      const onClose = () => finish(() => reject(closed()));
      const cancel = this.#options.clock.after(WAIT_MS, () => finish(() => reject(tooLargeResourceVersion(revision, this.#revision))));
      this.#closing.signal.addEventListener('abort', onClose, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Announces that `object` is about to be written as `text`: its change needs no parsing. The returned function takes it back. */
  announce(text: string, object: Stored<Resource>): () => void {
    this.#written.set(text, object);
    return () => this.#written.delete(text);
  }

  /** Ends all watches without error; idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const cache of this.#caches.values()) cache.cutOff();
    await this.#loop;
  }

  /** Sets the caches to the state at `atRevision` (absent: now; 0: nothing, the log then tells everything). */
  async #load(atRevision: number | undefined): Promise<void> {
    const { store } = this.#options;
    const { entries, revision } =
      atRevision === 0 ? { entries: [], revision: 0 } : await store.list(REGISTRY, atRevision === undefined ? {} : { atRevision });
    for (const cache of this.#caches.values()) {
      cache.reset(
        revision,
        new DroverError('compacted', 'The watch was cut off because the server had to read its store anew: list again.'),
      );
    }
    // Announced writes whose changes were missed will not be asked for any more.
    this.#written.clear();
    for (const entry of entries) this.#cacheAt(entry.key)?.seed(entry.key, this.#parse(entry.value, entry.modRevision));
    this.#arrive(revision);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const change of this.#options.store.watch(REGISTRY, this.#revision, signal)) this.#apply(change);
      } catch (error) {
        if (signal.aborted) return;
        const lost = hasCode(error, 'compacted');
        if (!lost) this.#options.fault(error);
        try {
          if (lost) await this.#load(undefined);
          else await sleep(this.#options.clock, RETRY_AFTER_MS, signal);
        } catch (again) {
          if (signal.aborted) return;
          this.#options.fault(again);
          await sleep(this.#options.clock, RETRY_AFTER_MS, signal).catch(() => undefined);
        }
      }
    }
  }

  async #bookmarks(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(this.#options.clock, BOOKMARK_EVERY_MS, signal).catch(() => undefined);
      if (!signal.aborted) for (const cache of this.#caches.values()) cache.bookmark(this.#revision);
    }
  }

  #apply(change: Change): void {
    switch (change.type) {
      case 'put': {
        const { key, value, modRevision } = change.entry;
        this.#cacheAt(key)?.put(key, this.#parse(value, modRevision), modRevision, value.length);
        return this.#arrive(modRevision);
      }
      case 'delete':
        this.#cacheAt(change.previous.key)?.remove(change.previous.key, change.revision);
        return this.#arrive(change.revision);
      case 'progress':
        return this.#arrive(change.revision);
    }
  }

  #cacheAt(key: string): KindCache | undefined {
    const prefix = prefixOfKey(key);
    return prefix === undefined ? undefined : this.#caches.get(prefix);
  }

  #parse(value: string, modRevision: number): Stored<Resource> {
    const written = this.#written.get(value);
    if (written) this.#written.delete(value);
    const object = written ?? (JSON.parse(value) as Stored<Resource>);
    object.metadata.resourceVersion = String(modRevision);
    return object;
  }

  #arrive(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    if (this.#waiters.length > 0) for (const waiter of this.#waiters.filter((w) => w.revision <= this.#revision)) waiter.resolve();
  }
}

function closed(): DroverError {
  return new DroverError('unavailable', 'The server is shutting down: try again in a moment.', { retryAfterSeconds: 1 });
}
