import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Kind, KindRef } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import type { DeleteOptions, ListQuery, ResourceClient, ResourceList, WatchEvent, WatchQuery, WriteOptions } from './client.ts';
import { BoundedStream } from '../base/bounded-stream.ts';
import { toTime } from '../base/clock.ts';
import { DroverError } from '../base/errors.ts';
import { canonicalJson } from '../base/ids.ts';
import { objectName } from '../model/kind.ts';
import { keyOf, keyText } from '../model/resource.ts';

type Change = { revision: number; kind: string; object: Stored<Resource>; old: Stored<Resource> | undefined; gone: boolean };

/**
 * A ResourceClient over a map, for tests: revisions, optimistic concurrency, generation, status apart, finalizers, graceful deletion, selectors of
 * equality, watches with a log that can be compacted and broken. No schemas, no defaults, no paging. uids count up, so runs are repeatable.
 */
export class FakeClient implements ResourceClient {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Map<string, Stored<Resource>>>();
  readonly #watchers = new Set<{ matches(change: Change): void; stream: BoundedStream<WatchEvent<Resource>> }>();
  #log: Change[] = [];
  #revision = 0;
  #compacted = 0;
  #uids = 0;
  /** Every request, as `verb plural key`, in order. */
  readonly requests: string[] = [];
  /** Called before each request; what it throws is the answer. */
  fault: ((request: string) => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends all watches as a dying server does. */
  breakWatches(): void {
    for (const { stream } of this.#watchers) stream.fail(new DroverError('unavailable', 'the connection to the server was lost'));
  }

  /** Forgets the log up to now. */
  compact(): void {
    this.#log = [];
    this.#compacted = this.#revision;
  }

  async get<T extends Resource>(kind: KindRef<T>, key: ObjectKey): Promise<Stored<T>> {
    this.#request('get', kind, keyText(key));
    return this.#existing(kind, key);
  }

  async list<T extends Resource>(kind: KindRef<T>, options: ListQuery = {}): Promise<ResourceList<T>> {
    this.#request('list', kind, options.namespace ?? '');
    const items = [...this.#bucket(kind).values()].filter((object) => selects(full(kind), options, object)) as Stored<T>[];
    items.sort((a, b) => (keyText(keyOf(a)) < keyText(keyOf(b)) ? -1 : 1));
    return { items, resourceVersion: String(this.#revision) };
  }

  watch<T extends Resource>(kind: KindRef<T>, options: WatchQuery): AsyncIterable<WatchEvent<T>> {
    this.#request('watch', kind, options.resourceVersion);
    const after = Number(options.resourceVersion);
    const watcher = {
      stream: new BoundedStream<WatchEvent<Resource>>({
        capacity: 10_000,
        overflow: { type: 'fail', error: () => new DroverError('compacted', 'too slow') },
        signal: options.signal,
        onEnd: () => this.#watchers.delete(watcher),
      }),
      matches(change: Change) {
        if (change.kind !== kind.plural || change.revision <= after) return;
        const now = !change.gone && selects(full(kind), options, change.object);
        const before = change.old !== undefined && selects(full(kind), options, change.old);
        if (now) watcher.stream.push({ type: before ? 'MODIFIED' : 'ADDED', object: change.object });
        else if (before) watcher.stream.push({ type: 'DELETED', object: change.object });
      },
    };
    if (after < this.#compacted) watcher.stream.fail(new DroverError('compacted', `resourceVersion ${after} is too old`));
    else if (!options.signal.aborted) this.#watchers.add(watcher);
    for (const change of this.#log) watcher.matches(change);
    return watcher.stream as unknown as AsyncIterable<WatchEvent<T>>;
  }

  async create<T extends Resource>(kind: KindRef<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    const name = object.metadata.name ?? `${object.metadata.generateName}${++this.#uids}`;
    this.#request('create', kind, keyText({ ...keyOf(object), name }));
    const key = { ...keyOf(object), name };
    if (this.#bucket(kind).has(keyText(key))) throw fault('already-exists', kind, key, 'already exists');
    const stored = {
      ...structuredClone(object),
      metadata: {
        ...structuredClone(object.metadata),
        name,
        uid: `uid-${++this.#uids}`,
        resourceVersion: '',
        creationTimestamp: toTime(this.#clock.now()),
        ...(full(kind).hasGeneration && { generation: 1 }),
      },
    } as Stored<T>;
    if (full(kind).hasStatus && full(kind).origin === 'crd') delete stored.status;
    return options.dryRun ? stored : this.#store(full(kind), stored, undefined);
  }

  async update<T extends Resource>(kind: KindRef<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    this.#request('update', kind, keyText(keyOf(object)));
    return this.#replace(full(kind), object, undefined, options);
  }

  async updateStatus<T extends Resource>(kind: KindRef<T>, object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    this.#request('updateStatus', kind, keyText(keyOf(object)));
    return this.#replace(full(kind), object, 'status', options);
  }

  async patch<T extends Resource>(
    kind: KindRef<T>,
    key: ObjectKey,
    patch: object,
    options: WriteOptions & { subresource?: 'status' } = {},
  ): Promise<Stored<T>> {
    this.#request(options.subresource ? 'patchStatus' : 'patch', kind, keyText(key));
    const merged = mergePatch(this.#existing(kind, key), patch) as T;
    return this.#replace(full(kind), merged, options.subresource, options);
  }

  async delete<T extends Resource>(kind: KindRef<T>, key: ObjectKey, options: DeleteOptions = {}): Promise<Stored<T> | undefined> {
    this.#request('delete', kind, keyText(key));
    const old = this.#existing(kind, key);
    if (options.uid !== undefined && options.uid !== old.metadata.uid) throw fault('conflict', kind, key, 'has another uid');
    if (options.resourceVersion !== undefined && options.resourceVersion !== old.metadata.resourceVersion)
      throw fault('conflict', kind, key, 'has changed');
    const grace = options.gracePeriodSeconds ?? full(kind).gracefulDeletionSeconds?.(old) ?? 0;
    if ((old.metadata.finalizers ?? []).length === 0 && grace === 0) {
      this.#store(full(kind), old, old, true);
      return undefined;
    }
    if (old.metadata.deletionTimestamp) return old;
    const metadata = { ...old.metadata, deletionTimestamp: toTime(this.#clock.now() + grace * 1000), deletionGracePeriodSeconds: grace };
    return this.#store(full(kind), { ...old, metadata }, old);
  }

  #request(verb: string, kind: Pick<Kind, 'plural'>, key: string): void {
    const request = `${verb} ${kind.plural} ${key}`;
    this.requests.push(request);
    this.fault?.(request);
  }

  #bucket(kind: Pick<Kind, 'plural'>): Map<string, Stored<Resource>> {
    let bucket = this.#objects.get(kind.plural);
    if (!bucket) this.#objects.set(kind.plural, (bucket = new Map()));
    return bucket;
  }

  #existing<T extends Resource>(kind: KindRef<T>, key: ObjectKey): Stored<T> {
    const object = this.#bucket(kind).get(keyText(key));
    if (!object) throw fault('not-found', kind, key, 'was not found');
    return object as Stored<T>;
  }

  #replace<T extends Resource>(kind: Kind<T>, object: T, part: 'status' | undefined, options: WriteOptions): Stored<T> {
    const key = keyOf(object);
    const old = this.#existing(kind, key);
    const { resourceVersion, uid } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== old.metadata.resourceVersion)
      throw fault('conflict', kind, key, 'has changed');
    if (uid !== undefined && uid !== old.metadata.uid) throw fault('conflict', kind, key, 'has another uid');
    const next = structuredClone(
      part === 'status' ? { ...old, status: object.status } : { ...object, metadata: { ...object.metadata } },
    ) as Stored<T>;
    if (part === undefined) {
      const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = old.metadata;
      Object.assign(next.metadata, { uid: old.metadata.uid, creationTimestamp });
      if (deletionTimestamp) Object.assign(next.metadata, { deletionTimestamp, deletionGracePeriodSeconds });
      if (kind.hasStatus && old.status !== undefined) next.status = old.status;
      if (kind.hasStatus && old.status === undefined) delete next.status;
      if (kind.hasGeneration)
        next.metadata.generation = (generation ?? 1) + (canonicalJson(next.spec ?? null) === canonicalJson(old.spec ?? null) ? 0 : 1);
    }
    next.metadata.resourceVersion = old.metadata.resourceVersion;
    if (canonicalJson(next) === canonicalJson(old) || options.dryRun) return next;
    const done =
      next.metadata.deletionTimestamp && (next.metadata.finalizers ?? []).length === 0 && !next.metadata.deletionGracePeriodSeconds;
    return this.#store(kind, next, old, Boolean(done));
  }

  #store<T extends Resource>(kind: Kind<T>, object: Stored<T>, old: Stored<T> | undefined, gone = false): Stored<T> {
    const revision = ++this.#revision;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
    const key = keyText(keyOf(stored));
    if (gone) this.#bucket(kind).delete(key);
    else this.#bucket(kind).set(key, stored);
    const change: Change = { revision, kind: kind.plural, object: stored, old, gone };
    this.#log.push(change);
    for (const watcher of this.#watchers) watcher.matches(change);
    return stored;
  }
}

/** The fake knows kinds by what it is handed: callers pass whole kinds, never bare references. */
function full<T extends Resource>(kind: KindRef<T>): Kind<T> {
  return kind as Kind<T>;
}

function fault(code: ErrorCode, kind: Pick<Kind, 'group' | 'plural'>, key: ObjectKey, what: string): DroverError {
  return new DroverError(code, `${objectName(kind, key)} ${what}`);
}

function selects<T extends Resource>(kind: Kind<T>, query: ListQuery, object: Resource): boolean {
  if (query.namespace !== undefined && query.namespace !== object.metadata.namespace) return false;
  const fields: Record<string, string | undefined> = {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace,
    ...kind.selectableFields?.(object as T),
  };
  const equal = (selector: string | undefined, values: Record<string, string | undefined>) =>
    (selector ?? '')
      .split(',')
      .filter(Boolean)
      .every((term) => values[term.split('=')[0]!] === term.split('=').at(-1));
  return equal(query.labelSelector, object.metadata.labels ?? {}) && equal(query.fieldSelector, fields);
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = target !== null && typeof target === 'object' && !Array.isArray(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}
