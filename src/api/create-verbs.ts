import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { nameSuffix, newUid } from '../base/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Scheme } from '../model/scheme.ts';
import type { Store } from '../store/store.ts';
import { createObject } from './create.ts';
import { ensureNamespaces } from './ensure-namespaces.ts';
import { notFound } from './faults.ts';
import { compileKindSchema, type KindSchema } from './kind-schema.ts';
import { listObjects } from './list.ts';
import { ObjectFeed } from './object-feed.ts';
import { patchObject } from './patch.ts';
import { removeCollection } from './remove-collection.ts';
import { removeObject } from './remove.ts';
import { parseResourceVersion } from './resource-version.ts';
import { storageKey } from './storage-key.ts';
import { updateObject } from './update.ts';
import type { Verbs } from './verbs.ts';
import { watchObjects } from './watch.ts';
import type { WriteContext } from './write-context.ts';

/** What the verbs stand on. `fault` hears of a store that cannot be read; default: nobody. */
export interface VerbsOptions {
  readonly store: Store;
  readonly scheme: Scheme;
  readonly clock?: Clock;
  readonly fault?: (error: unknown) => void;
  /** For tests: metadata.uid of new objects. */
  readonly newUid?: () => string;
  /** For tests: the end of generated names. */
  readonly nameSuffix?: () => string;
}

/** The verbs with their one reader of the store; `close` ends watches and the reader, not the store. Idempotent. */
export interface OpenVerbs extends Verbs {
  close(): Promise<void>;
}

/** Opens the resource API over a store: reads it into memory, follows it, makes sure of the system's namespaces. */
export async function createVerbs(options: VerbsOptions): Promise<OpenVerbs> {
  const { store, scheme, clock = systemClock } = options;
  const feed = await ObjectFeed.open({ store, kinds: scheme.kinds, clock, fault: options.fault ?? (() => undefined) });
  const schemas = new Map<Kind, KindSchema>();
  const context: WriteContext = {
    store,
    scheme,
    clock,
    feed,
    newUid: options.newUid ?? newUid,
    nameSuffix: options.nameSuffix ?? nameSuffix,
    schemaOf(kind) {
      let schema = schemas.get(kind);
      if (!schema) schemas.set(kind, (schema = compileKindSchema(kind)));
      return schema;
    },
  };
  const verbs: OpenVerbs = {
    async get(kind, key, request) {
      const wanted = parseResourceVersion(request?.resourceVersion);
      if (wanted === undefined) await feed.fresh();
      else await feed.reached(wanted);
      const object = feed.cacheOf(kind).get(storageKey(kind, key));
      if (!object) throw notFound(kind, key);
      return object;
    },
    list: (kind, request) => listObjects({ feed, store, cache: feed.cacheOf(kind) }, kind, request),
    watch: (kind, request) => watchObjects(feed, feed.cacheOf(kind), kind, request),
    create: (kind, namespace, body, request) => createObject(context, kind, namespace, body, request),
    update: async (kind, key, body, request) => updateObject(context, kind, key, body, request),
    patch: async (kind, key, patch, request) => patchObject(context, kind, key, patch, request),
    delete: (kind, key, request) => removeObject(context, kind, key, request),
    deleteCollection: (kind, list, request) => removeCollection(verbs, kind, list, request),
    close: () => feed.close(),
  };
  await ensureNamespaces(verbs, scheme);
  return verbs;
}
