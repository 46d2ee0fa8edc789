import type { KindRef } from '../../model/kind.ts';
import { keyOf, keyText, type Resource, type Stored } from '../../model/resource.ts';
import type { Cache } from '../controller.ts';

interface Write {
  /** resourceVersions (or 'absent') that the cache may still show: what was there before this write and the ones it followed. */
  readonly before: ReadonlySet<string>;
  readonly after: Stored<Resource> | undefined;
  readonly atMs: number;
}

/** A cache lags for moments; a write that it has not shown for so long was undone by someone before the cache could show it. */
const FORGET_MS = 10_000;
const ABSENT = 'absent';

/**
 * Read-your-writes over caches that lag: what one service's controller wrote itself is seen at once, until the cache shows something newer. Without it each
 * decision would have to wait for the watch, or would be taken on a picture from before the last one.
 */
export class OwnWrites {
  readonly #writes = new Map<string, Write>();
  #nowMs = 0;

  /** Remembers a write: `before` as it was decided on, `after` as the store answered (undefined: gone). */
  record(kind: KindRef, before: Stored<Resource> | undefined, after: Stored<Resource> | undefined, nowMs: number): void {
    const object = after ?? before;
    if (!object || before?.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    const id = idOf(kind, object);
    const earlier = this.#writes.get(id);
    const versions = new Set(earlier?.before ?? []);
    versions.add(before?.metadata.resourceVersion ?? ABSENT);
    this.#writes.set(id, { before: versions, after, atMs: nowMs });
  }

  /** The objects of a cached list, with own writes applied; `all` tells which created ones belong to the list. */
  list<T extends Resource>(
    kind: KindRef<T>,
    cached: readonly Stored<T>[],
    all: (object: Stored<T>) => boolean,
    nowMs: number,
  ): Stored<T>[] {
    this.#forget(nowMs);
    const seen = new Set<string>();
    const objects: Stored<T>[] = [];
    for (const object of cached) {
      const id = idOf(kind, object);
      seen.add(id);
      const current = this.#newer(id, object);
      if (current) objects.push(current as Stored<T>);
    }
    for (const [id, write] of this.#writes) {
      if (!id.startsWith(`${kind.plural}.${kind.group} `) || seen.has(id) || !write.after) continue;
      const current = this.#newer(id, undefined) as Stored<T> | undefined;
      if (current && all(current)) objects.push(current);
    }
    return objects;
  }

  /** One object, with own writes applied. */
  get<T extends Resource>(kind: KindRef<T>, cache: Cache<T>, namespace: string, name: string): Stored<T> | undefined {
    return this.#newer(`${kind.plural}.${kind.group} ${namespace}/${name}`, cache.get({ namespace, name })) as Stored<T> | undefined;
  }

  #newer(id: string, cached: Stored<Resource> | undefined): Stored<Resource> | undefined {
    const write = this.#writes.get(id);
    if (!write) return cached;
    if (write.before.has(cached?.metadata.resourceVersion ?? ABSENT)) return write.after;
    this.#writes.delete(id);
    return cached;
  }

  #forget(nowMs: number): void {
    if (nowMs === this.#nowMs) return;
    this.#nowMs = nowMs;
    for (const [id, write] of this.#writes) if (nowMs - write.atMs > FORGET_MS) this.#writes.delete(id);
  }
}

function idOf(kind: KindRef, object: Resource): string {
  return `${kind.plural}.${kind.group} ${keyText(keyOf(object))}`;
}
