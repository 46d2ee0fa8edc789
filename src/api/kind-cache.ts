import type { DroverError } from '../base/errors.ts';
import type { Resource, Stored } from '../model/resource.ts';
import { EventRing, type CacheEvent } from './event-ring.ts';

/** Who follows a kind. Called in the order of revisions; must not throw. */
export interface CacheListener {
  changed(event: CacheEvent): void;
  /** Everything up to `revision` has been told; comes about once a minute. */
  bookmark(revision: number): void;
  /** Ends the listener: with an error it must list again, without the server closes. */
  cutOff(error?: DroverError): void;
}

/**
 * The current objects of one kind, parsed once and shared by all readers, ordered by storage key, and the ring of its newest events. Objects handed
 * out are immutable by agreement: nobody changes them in place.
 */
export class KindCache {
  #objects = new Map<string, Stored<Resource>>();
  #keys: string[] = [];
  #ring: EventRing;
  #lastChange: number;
  readonly #listeners = new Set<CacheListener>();

  /** An empty cache that knows all changes after `revision`. */
  constructor(revision: number) {
    this.#ring = new EventRing(revision);
    this.#lastChange = revision;
  }

  /** The revision of the newest change of this kind: the list has been the same since. */
  get lastChange(): number {
    return this.#lastChange;
  }

  get(key: string): Stored<Resource> | undefined {
    return this.#objects.get(key);
  }

  /** Objects under `prefix` in key order, those after `afterKey` only when it is given. */
  *range(prefix: string, afterKey = ''): Generator<readonly [string, Stored<Resource>]> {
    const keys = this.#keys;
    for (let i = this.#position(afterKey > prefix ? afterKey : prefix); i < keys.length; i++) {
      const key = keys[i]!;
      if (key === afterKey) continue;
      if (!key.startsWith(prefix)) return;
      yield [key, this.#objects.get(key)!];
    }
  }

  /** See {@link EventRing.after}. */
  eventsAfter(revision: number): CacheEvent[] {
    return this.#ring.after(revision);
  }

  /** Adds a listener; the returned function removes it. */
  listen(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An object was written. `characters`: the length of its stored JSON. */
  put(key: string, object: Stored<Resource>, revision: number, characters: number): void {
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    if (!previous) this.#keys.splice(this.#position(key), 0, key);
    this.#tell({ type: previous ? 'MODIFIED' : 'ADDED', revision, key, object, previous }, characters);
  }

  /** An object was removed. */
  remove(key: string, revision: number): void {
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#objects.delete(key);
    this.#keys.splice(this.#position(key), 1);
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(revision) } };
    this.#tell({ type: 'DELETED', revision, key, object, previous }, 1_024);
  }

  /** Sets an object without an event: part of the state that the cache begins with. */
  seed(key: string, object: Stored<Resource>): void {
    if (!this.#objects.has(key)) this.#keys.splice(this.#position(key), 0, key);
    this.#objects.set(key, object);
  }

  /** Forgets everything and begins anew at `revision`; listeners are cut off with `error`. */
  reset(revision: number, error: DroverError): void {
    this.cutOff(error);
    this.#objects = new Map();
    this.#keys = [];
    this.#ring = new EventRing(revision);
    this.#lastChange = revision;
  }

  bookmark(revision: number): void {
    for (const listener of this.#listeners) listener.bookmark(revision);
  }

  cutOff(error?: DroverError): void {
    for (const listener of this.#listeners) listener.cutOff(error);
  }

  #tell(event: CacheEvent, characters: number): void {
    this.#lastChange = event.revision;
    this.#ring.push(event, characters);
    for (const listener of this.#listeners) listener.changed(event);
  }

  /** Index of the first key that is not less than `key`. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    // Names often grow: the end is the likely place.
    if (high > 0 && this.#keys[high - 1]! < key) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
