import { toTime } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectMeta, Resource, Stored } from '../model/resource.ts';
import { alreadyExists, badRequest, invalid } from './faults.ts';
import { checkKindOfBody, checkNamespaceOfBody } from './identity-rules.ts';
import { metadataCauses } from './metadata-rules.ts';
import { checkNamespaceTakesNew, isNamespaceKind, newNamespace, NAMESPACES } from './namespace-rules.ts';
import { storageKey } from './storage-key.ts';
import { storedText } from './stored-text.ts';
import type { WriteRequest } from './verbs.ts';
import { storeNew, type WriteContext } from './write-context.ts';

/** How often a generated name that is taken is drawn again, and how long a name with its suffix may be: Kubernetes' figures. */
const GENERATE_TRIES = 8;
const GENERATED_BASE_LENGTH = 58;

/** The create verb. Throws `bad-request`, `invalid`, `already-exists`, `not-found` and `forbidden` (the namespace), `too-large`. */
export async function createObject(
  context: WriteContext,
  kind: Kind,
  namespace: string | undefined,
  body: unknown,
  request: WriteRequest,
): Promise<Stored<Resource>> {
  checkKindOfBody(context.scheme, kind, body);
  const { object, causes } = context.schemaOf(kind).decode(withoutStatus(kind, body), request);
  if (kind.namespaced && namespace === undefined) throw badRequest('an empty namespace may not be set during creation');
  checkNamespaceOfBody(object, namespace);
  if (object.metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const { name: givenName, generateName } = object.metadata;
  if (namespace !== undefined) await checkNamespace(context, kind, givenName ?? '', namespace);
  for (let attempt = 1; ; attempt++) {
    const name = givenName || (generateName && generateName.slice(0, GENERATED_BASE_LENGTH) + context.nameSuffix());
    const prepared = prepare(context, kind, object, name, namespace, causes.length === 0);
    const all = [
      ...metadataCauses(kind, prepared.metadata),
      ...causes,
      ...(causes.length === 0 ? (kind.invariants?.(prepared, undefined) ?? []) : []),
    ];
    if (all.length > 0) throw invalid(kind, name ?? '', all);
    const key = namespace === undefined ? { name: name! } : { namespace, name: name! };
    try {
      if (!request.dryRun) return await storeNew(context, kind, key, prepared);
      return await wouldStore(context, kind, storageKey(kind, key), prepared);
    } catch (error) {
      if (givenName || attempt === GENERATE_TRIES || !hasCode(error, 'already-exists')) throw error;
    }
  }
}

/** Everything that create does, but the write. */
async function wouldStore(context: WriteContext, kind: Kind, storedAt: string, object: Resource): Promise<Stored<Resource>> {
  storedText(kind, object);
  await context.feed.fresh();
  if (context.feed.cacheOf(kind).get(storedAt)) throw alreadyExists(kind, object.metadata.name!);
  return object as Stored<Resource>;
}

/** `sound`: its schema has nothing against it; the kind's own defaults rely on that. */
function prepare(
  context: WriteContext,
  kind: Kind,
  object: Resource,
  name: string | undefined,
  namespace: string | undefined,
  sound: boolean,
): Resource {
  const { generateName, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const metadata: ObjectMeta = {
    ...(name !== undefined && { name }),
    ...(generateName && { generateName }),
    ...(namespace !== undefined && { namespace }),
    uid: context.newUid(),
    ...(kind.hasGeneration && { generation: 1 }),
    creationTimestamp: toTime(context.clock.now()),
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers?.length && { finalizers }),
    ...(ownerReferences?.length && { ownerReferences }),
  };
  const prepared = isNamespaceKind(kind) ? newNamespace({ ...object, metadata }) : { ...object, metadata };
  return sound ? (kind.defaults?.(prepared) ?? prepared) : prepared;
}

/** Status is the business of its subresource. */
function withoutStatus(kind: Kind, body: unknown): unknown {
  if (!kind.hasStatus || kind.keepsStatusOnCreate || typeof body !== 'object' || body === null || !('status' in body)) return body;
  const { status: _, ...rest } = body as Record<string, unknown>;
  return rest;
}

async function checkNamespace(context: WriteContext, kind: Kind, name: string, namespace: string): Promise<void> {
  const cache = context.feed.cacheOf(NAMESPACES);
  const key = storageKey(NAMESPACES, { name: namespace });
  // Only a namespace that seems to be missing is worth waiting for the newest state.
  if (!cache.get(key)) await context.feed.fresh();
  checkNamespaceTakesNew(kind, name, namespace, cache.get(key));
}
