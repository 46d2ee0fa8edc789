import { toTime, fromTime } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, ObjectMeta, Resource, Stored } from '../model/resource.ts';
import { preconditionFailed } from './faults.ts';
import { checkNamespaceMayGo, isNamespaceKind, namespaceIsHeld, terminating } from './namespace-rules.ts';
import { sameJson } from '../model/same-json.ts';
import type { DeleteRequest } from './verbs.ts';
import { currentObject, storeNoMore, storeOver, type WriteContext } from './write-context.ts';

const CONFLICT_TRIES = 5;
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** What a delete does to an object that is there. */
type Removal = { readonly type: 'mark'; readonly object: Resource } | { readonly type: 'remove'; readonly object: Resource };

/**
 * The delete verb. An object without finalizers and grace period goes at once; another is marked (deletionTimestamp) and goes when the last finalizer
 * is taken away, or when the one who ends it deletes it again with grace period 0. Throws `not-found`, `conflict` (preconditions), `forbidden`.
 */
export async function removeObject(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  request: DeleteRequest,
): Promise<{ gone: boolean; object: Stored<Resource> }> {
  checkNamespaceMayGo(kind, key.name);
  for (let attempt = 1; ; attempt++) {
    const old = await currentObject(context, kind, key);
    checkPreconditions(kind, key, old, request);
    const removal = decide(kind, old, request, context.clock.now());
    try {
      return await carryOut(context, kind, key, old, removal, request);
    } catch (error) {
      if (request.resourceVersion !== undefined || attempt === CONFLICT_TRIES || !hasCode(error, 'conflict')) throw error;
    }
  }
}

async function carryOut(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  old: Stored<Resource>,
  removal: Removal,
  request: DeleteRequest,
): Promise<{ gone: boolean; object: Stored<Resource> }> {
  const { object } = removal;
  const unwritten = { ...object, metadata: { ...object.metadata, resourceVersion: old.metadata.resourceVersion } } as Stored<Resource>;
  if (removal.type === 'mark') {
    if (sameJson(unwritten, old)) return { gone: false, object: old };
    return { gone: false, object: request.dryRun ? unwritten : await storeOver(context, kind, key, object, old) };
  }
  if (request.dryRun) return { gone: true, object: unwritten };
  const revision = await storeNoMore(context, kind, key, old);
  return { gone: true, object: { ...unwritten, metadata: { ...unwritten.metadata, resourceVersion: String(revision) } } };
}

function checkPreconditions(kind: Kind, key: ObjectKey, old: Stored<Resource>, request: DeleteRequest): void {
  const { uid, resourceVersion } = old.metadata;
  if (request.uid !== undefined && request.uid !== uid) {
    throw preconditionFailed(
      kind,
      key.name,
      `the UID in the precondition (${request.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
    throw preconditionFailed(
      kind,
      key.name,
      `the ResourceVersion in the precondition (${request.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function decide(kind: Kind, old: Stored<Resource>, request: DeleteRequest, nowMs: number): Removal {
  const finalizers = finalizersAfter(old.metadata.finalizers ?? [], request);
  const held = finalizers.length > 0 || (isNamespaceKind(kind) && namespaceIsHeld(old));
  const { finalizers: _, ...bare } = old.metadata;
  const withFinalizers: ObjectMeta = { ...bare, ...(finalizers.length > 0 && { finalizers }) };
  const graceSeconds = graceFor(kind, old, request);
  const marked = mark(kind, { ...old, metadata: withFinalizers }, graceSeconds, nowMs);
  return held || graceSeconds > 0 ? { type: 'mark', object: marked } : { type: 'remove', object: marked };
}

/** The grace period in seconds that holds from now on; 0: nobody is waited for. It can only become shorter. */
function graceFor(kind: Kind, old: Stored<Resource>, request: DeleteRequest): number {
  const usual = kind.gracefulDeletionSeconds?.(old);
  if (usual === undefined) return 0;
  const wanted = request.gracePeriodSeconds === undefined ? undefined : request.gracePeriodSeconds < 0 ? 1 : request.gracePeriodSeconds;
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = old.metadata;
  if (deletionTimestamp) return Math.min(wanted ?? deletionGracePeriodSeconds, deletionGracePeriodSeconds);
  return usual === 0 ? 0 : (wanted ?? usual);
}

function mark(kind: Kind, object: Resource, graceSeconds: number, nowMs: number): Resource {
  const { metadata } = object;
  const begunMs = metadata.deletionTimestamp
    ? fromTime(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1_000
    : nowMs;
  const marked: Resource = {
    ...object,
    metadata: {
      ...metadata,
      ...(!metadata.deletionTimestamp && metadata.generation !== undefined && { generation: metadata.generation + 1 }),
      deletionTimestamp: toTime(begunMs + graceSeconds * 1_000),
      ...(!isNamespaceKind(kind) && { deletionGracePeriodSeconds: graceSeconds }),
    },
  };
  return isNamespaceKind(kind) ? terminating(marked) : marked;
}

/** The garbage collector takes `orphan` and `foregroundDeletion` away when dependents are freed or gone. */
function finalizersAfter(finalizers: readonly string[], request: DeleteRequest): string[] {
  if (request.propagationPolicy === undefined) return [...finalizers];
  const others = finalizers.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (request.propagationPolicy === 'Background') return others;
  return [...others, request.propagationPolicy === 'Orphan' ? ORPHAN : FOREGROUND];
}
