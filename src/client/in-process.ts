import type { Kind, KindRef } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import type { DeleteOptions, ListQuery, ResourceClient, WatchEvent, WatchQuery, WriteOptions } from './client.ts';

/** The part of the API's verbs that the in-process client calls; `api/verbs.ts` fits it. */
export interface InProcessVerbs {
  get(kind: Kind, key: ObjectKey): Promise<Stored<Resource>>;
  list(
    kind: Kind,
    request: ListQuery,
  ): Promise<{ readonly items: readonly Stored<Resource>[]; readonly resourceVersion: string; readonly continue?: string }>;
  watch(
    kind: Kind,
    request: WatchQuery & { readonly allowWatchBookmarks: boolean },
  ): AsyncIterable<
    | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<Resource> }
    | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  >;
  create(kind: Kind, namespace: string | undefined, body: unknown, request: InProcessWrite): Promise<Stored<Resource>>;
  update(kind: Kind, key: ObjectKey, body: unknown, request: InProcessWrite): Promise<Stored<Resource>>;
  patch(
    kind: Kind,
    key: ObjectKey,
    patch: { readonly type: 'merge'; readonly body: unknown },
    request: InProcessWrite,
  ): Promise<Stored<Resource>>;
  delete(
    kind: Kind,
    key: ObjectKey,
    request: Omit<DeleteOptions, 'actor'> & { readonly actor: string },
  ): Promise<{ gone: boolean; object: Stored<Resource> }>;
}

interface InProcessWrite {
  readonly actor: string;
  readonly dryRun?: boolean;
  readonly subresource?: 'status';
}

/** Finds the whole kind behind what a client names; see model/scheme.ts. */
export interface KindLookup {
  byResource(group: string, version: string, plural: string): Kind | undefined;
}

/**
 * A ResourceClient that calls the API's verbs in this process as `actor`. What it hands out is shared with everybody: never change it in place. What
 * it is given stays the caller's.
 */
export function createInProcessClient(verbs: InProcessVerbs, actor: string, scheme?: KindLookup): ResourceClient {
  const whole = (ref: KindRef): Kind => scheme?.byResource(ref.group, ref.version, ref.plural) ?? (ref as Kind);
  const write = (options: WriteOptions | undefined, subresource?: 'status'): InProcessWrite => ({
    actor: options?.actor ?? actor,
    ...(options?.dryRun !== undefined && { dryRun: options.dryRun }),
    ...(subresource && { subresource }),
  });
  const client = {
    get: (kind: KindRef, key: ObjectKey) => verbs.get(whole(kind), key),
    list: (kind: KindRef, options: ListQuery = {}) => verbs.list(whole(kind), options),
    watch: (kind: KindRef, options: WatchQuery): AsyncIterable<WatchEvent<Resource>> =>
      verbs.watch(whole(kind), { ...options, allowWatchBookmarks: true }),
    create: (kind: KindRef, object: Resource, options?: WriteOptions) =>
      verbs.create(whole(kind), object.metadata.namespace, copy(object), write(options)),
    update: (kind: KindRef, object: Resource, options?: WriteOptions) =>
      verbs.update(whole(kind), keyFor(object), copy(object), write(options)),
    updateStatus: (kind: KindRef, object: Resource, options?: WriteOptions) =>
      verbs.update(whole(kind), keyFor(object), copy(object), write(options, 'status')),
    patch: (kind: KindRef, key: ObjectKey, patch: object, options?: WriteOptions & { subresource?: 'status' }) =>
      verbs.patch(whole(kind), key, { type: 'merge', body: copy(patch) }, write(options, options?.subresource)),
    async delete(kind: KindRef, key: ObjectKey, options: DeleteOptions = {}) {
      const { gone, object } = await verbs.delete(whole(kind), key, { ...options, actor: options.actor ?? actor });
      return gone ? undefined : object;
    },
  };
  // The verbs speak of Resource; which kind's type an object has is known by the kind that was named.
  return client as unknown as ResourceClient;
}

/** The caller may go on changing its object; a walk through JSON also drops `undefined` members. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function keyFor({ metadata: { namespace, name = '' } }: Resource): ObjectKey {
  return namespace === undefined ? { name } : { namespace, name };
}
