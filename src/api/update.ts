import { hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, ObjectMeta, Resource, Stored } from '../model/resource.ts';
import { conflict, invalid, modified } from './faults.ts';
import { checkKindOfBody, checkNameOfBody, checkNamespaceOfBody } from './identity-rules.ts';
import { metadataCauses, metadataUpdateCauses } from './metadata-rules.ts';
import { isNamespaceKind, namespaceFinalizers, namespaceIsHeld } from './namespace-rules.ts';
import { parseResourceVersion } from './resource-version.ts';
import { sameJson } from '../model/same-json.ts';
import { storageKey } from './storage-key.ts';
import { storedText } from './stored-text.ts';
import type { WriteRequest } from './verbs.ts';
import { currentObject, storeNoMore, storeOver, type WriteContext } from './write-context.ts';

/** How often a write that names no resourceVersion is tried again when somebody else was quicker. */
const CONFLICT_TRIES = 5;

/** The update verb. Throws `not-found`, `conflict`, `invalid`, `bad-request`, `too-large`. */
export function updateObject(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  body: unknown,
  request: WriteRequest,
): Promise<Stored<Resource>> {
  checkKindOfBody(context.scheme, kind, body);
  checkNameOfBody(body, key);
  checkNamespaceOfBody(body, key.namespace);
  return changeObject(context, kind, key, request, (old) => ({ body: ownPart(kind, body, old, request), replaces: true }));
}

/**
 * What a change wants: the whole new object. `replaces`: the caller wrote it whole (an update), so kinds of our own must name the resourceVersion they
 * were read at; a patch need not.
 */
export interface Wanted {
  readonly body: unknown;
  readonly replaces: boolean;
}

/**
 * Brings an object to what `change` makes of its newest state: once when that names a resourceVersion, otherwise again after each conflict. Nothing is
 * written when nothing differs. An object that waits for its deletion and is held by nothing any more goes away.
 */
export async function changeObject(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  request: WriteRequest,
  change: (old: Stored<Resource>) => Wanted,
): Promise<Stored<Resource>> {
  for (let attempt = 1; ; attempt++) {
    const old = await currentObject(context, kind, key);
    const wanted = change(old);
    const { object, causes } = context.schemaOf(kind).decode(wanted.body, request);
    const pinned = checkPreconditions(kind, key, object.metadata, old, wanted.replaces);
    const next = prepare(kind, object, old, request, causes.length === 0);
    const all = [...metadataUpdateCauses(next.metadata, old.metadata), ...metadataCauses(kind, next.metadata)];
    // What was once accepted must not keep labels or finalizers from changing when rules have become stricter since.
    if (!sameJson({ ...next, metadata: null }, { ...old, metadata: null })) {
      all.push(...causes, ...(causes.length === 0 ? (kind.invariants?.(next, old) ?? []) : []));
    }
    if (all.length > 0) throw invalid(kind, key.name, all);
    try {
      return await write(context, kind, key, next, old, request);
    } catch (error) {
      if (pinned || attempt === CONFLICT_TRIES || !hasCode(error, 'conflict')) throw error;
    }
  }
}

async function write(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  next: Resource,
  old: Stored<Resource>,
  request: WriteRequest,
): Promise<Stored<Resource>> {
  if (mayGoNow(kind, next)) {
    if (request.dryRun) return asStored(next, old.metadata.resourceVersion);
    await storeNoMore(context, kind, key, old);
    return asStored(next, old.metadata.resourceVersion);
  }
  if (sameJson(next, old)) return old;
  if (!request.dryRun) return storeOver(context, kind, key, next, old);
  storedText(kind, next);
  return asStored(next, old.metadata.resourceVersion);
}

/** True when the write names the resourceVersion it was made from. Throws `conflict` when that or the uid does not hold, `invalid` when it must be named. */
function checkPreconditions(kind: Kind, key: ObjectKey, metadata: ObjectMeta, old: Stored<Resource>, replaces: boolean): boolean {
  if (metadata.uid && metadata.uid !== old.metadata.uid) {
    const group = kind.group === '' ? '' : `${kind.group}/`;
    const path = storageKey(kind, key).replace(/^\/registry\/[^/]+\//, `/registry/${group}`);
    throw conflict(
      kind,
      key.name,
      `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  const wanted = parseResourceVersion(metadata.resourceVersion);
  if (wanted === undefined || wanted === 0) {
    if (!replaces || kind.origin !== 'crd') return false;
    throw invalid({ ...kind, kind: kind.plural }, key.name, [
      { field: 'metadata.resourceVersion', reason: 'FieldValueInvalid', message: 'Invalid value: 0: must be specified for an update' },
    ]);
  }
  if (wanted !== Number(old.metadata.resourceVersion)) throw modified(kind, key.name);
  return true;
}

/**
 * The object that would be written: what the server alone sets comes from `old`, and only the part that the (sub)resource owns changes. `sound`: its
 * schema has nothing against it; the kind's own defaults rely on that.
 */
function prepare(kind: Kind, object: Resource, old: Stored<Resource>, request: WriteRequest, sound: boolean): Resource {
  const { subresource } = request;
  if (subresource === 'finalize') {
    const finalizers = namespaceFinalizers(object, old, true);
    return { ...old, metadata: { ...old.metadata }, spec: finalizers.length > 0 ? { finalizers } : {} };
  }
  if (subresource === 'status') {
    const { status: _, ...rest } = old;
    // As in Kubernetes: labels and the like may be written along with the status of a built-in kind, not with that of the others.
    const metadata =
      kind.origin === 'crd' ? { ...old.metadata } : { ...nextMetadata(object.metadata, old.metadata), ...owners(old.metadata) };
    return { ...rest, metadata, ...(object.status !== undefined && { status: object.status }) };
  }
  let next: Resource = { ...object, metadata: nextMetadata(object.metadata, old.metadata) };
  if (isNamespaceKind(kind)) next = { ...next, spec: { ...(next.spec as object), finalizers: namespaceFinalizers(object, old, false) } };
  if (sound) next = kind.defaults?.(next) ?? next;
  if (!kind.hasGeneration || sameJson(content(kind, next), content(kind, old))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (old.metadata.generation ?? 0) + 1 } };
}

/** The metadata that an update leads to: absent server-set fields are filled in, present ones stay to be checked. */
function nextMetadata(next: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { selfLink: _selfLink, managedFields: _managedFields, resourceVersion: _version, generation: _generation, ...given } = next;
  const metadata: ObjectMeta = {
    ...given,
    ...(given.namespace === undefined && old.namespace !== undefined && { namespace: old.namespace }),
    uid: given.uid || old.uid!,
    creationTimestamp: given.creationTimestamp ?? old.creationTimestamp!,
    ...(old.resourceVersion !== undefined && { resourceVersion: old.resourceVersion }),
    ...(old.generation !== undefined && { generation: old.generation }),
    ...(!given.deletionTimestamp && old.deletionTimestamp && { deletionTimestamp: old.deletionTimestamp }),
    ...(given.deletionGracePeriodSeconds === undefined &&
      old.deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds: old.deletionGracePeriodSeconds }),
  };
  if (metadata.finalizers?.length === 0) delete metadata.finalizers;
  if (metadata.ownerReferences?.length === 0) delete metadata.ownerReferences;
  return metadata;
}

function owners(old: ObjectMeta): Pick<ObjectMeta, 'ownerReferences'> {
  return old.ownerReferences ? { ownerReferences: old.ownerReferences } : {};
}

/** What `generation` counts the changes of. */
function content(kind: Kind, object: Resource): unknown {
  const { metadata: _metadata, status, ...rest } = object;
  return kind.hasStatus ? rest : { ...rest, status };
}

/** True when an object that is being deleted is held by nothing any more. */
function mayGoNow(kind: Kind, object: Resource): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (!deletionTimestamp || (finalizers ?? []).length > 0 || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return !(isNamespaceKind(kind) && namespaceIsHeld(object));
}

function asStored(object: Resource, resourceVersion: string): Stored<Resource> {
  return { ...object, metadata: { ...object.metadata, resourceVersion } } as Stored<Resource>;
}

/** The body with all that the (sub)resource does not own as it is now: what it says there is not even looked at. */
export function ownPart(kind: Kind, body: unknown, old: Stored<Resource>, request: WriteRequest): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { apiVersion, kind: name, metadata, status, ...rest } = body as Record<string, unknown>;
  if (request.subresource === 'status') {
    const { metadata: _, status: _status, ...others } = old;
    return { ...others, apiVersion, kind: name, metadata, ...(status !== undefined && { status }) };
  }
  if (!kind.hasStatus) return body;
  return { apiVersion, kind: name, metadata, ...rest, ...(old.status !== undefined && { status: old.status }) };
}
