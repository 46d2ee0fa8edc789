import type { Kind } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import { hasCode } from '../../base/errors.ts';
import { eventKind } from '../../model/core/event.ts';
import { keyOf, keyText, parseKey } from '../../model/resource.ts';
import { inBatches } from '../in-batches.ts';
import { kindId } from '../informers.ts';
import { FOREGROUND, ORPHAN, ownerKey, ownerKind, ownerState } from './owners.ts';

interface Dependent {
  readonly kind: Kind;
  readonly object: Stored<Resource>;
}

/**
 * Deletes objects whose owners are all gone (Kubernetes' background collection), and serves the finalizers of the other two policies: `orphan` frees
 * the dependents, `foregroundDeletion` waits for those that block. A key is one object, `<kind>|<namespace/name>|<uid>`; the work for a change is that
 * object and its dependents, found by index. `known`: all that may own or be owned.
 */
export function createGarbageCollector(known: readonly Kind[]): Controller {
  // Events own nothing and are owned by nobody; their number alone would make the cache large.
  const kinds = known.filter((kind) => kindId(kind) !== kindId(eventKind));
  const byId = new Map(kinds.map((kind) => [kindId(kind), kind]));

  function keysOf(kind: Kind, object: Stored<Resource>): string[] {
    const keys = [workKey(kind, keyText(keyOf(object)), object.metadata.uid)];
    // An owner that waits for its dependents must hear when one goes.
    for (const owner of object.metadata.ownerReferences ?? []) {
      const of = ownerKind(kinds, owner);
      const key = of && ownerKey(of, owner, object);
      if (of && key) keys.push(workKey(of, keyText(key), owner.uid));
    }
    return keys;
  }

  function dependentsOf(uid: string, context: ControllerContext): Dependent[] {
    return kinds.flatMap((kind) =>
      context.caches
        .of(kind)
        .byOwner(uid)
        .map((object) => ({ kind, object })),
    );
  }

  async function reconcile(key: string, context: ControllerContext): Promise<void> {
    const [id = '', name = '', uid = ''] = key.split('|');
    const kind = byId.get(id)!;
    const object = context.caches.of(kind).get(parseKey(name));
    if (object?.metadata.uid !== uid) {
      await inBatches(dependentsOf(uid, context), 20, (dependent) => collect(dependent, kinds, context));
      return;
    }
    if (object.metadata.deletionTimestamp) {
      const finalizers = object.metadata.finalizers ?? [];
      if (finalizers.includes(ORPHAN)) await orphan({ kind, object }, dependentsOf(uid, context), context);
      else if (finalizers.includes(FOREGROUND)) await endForeground({ kind, object }, dependentsOf(uid, context), kinds, context);
    }
    await collect({ kind, object }, kinds, context);
  }

  return {
    name: 'garbage-collector',
    watches: kinds.map((kind) => ({ kind, keys: (object) => keysOf(kind, object) })),
    writes: ['*.metadata.ownerReferences', `*.metadata.finalizers.${FOREGROUND}`, `*.metadata.finalizers.${ORPHAN}`],
    concurrency: 8,
    reconcile,
  };
}

function workKey(kind: Kind, name: string, uid: string): string {
  return `${kindId(kind)}|${name}|${uid}`;
}

/** Deletes an object when none of its owners is there any more; takes away the references to those that are gone when another one is. */
async function collect({ kind, object }: Dependent, kinds: readonly Kind[], context: ControllerContext): Promise<void> {
  const owners = object.metadata.ownerReferences ?? [];
  if (owners.length === 0 || object.metadata.deletionTimestamp) return;
  const states = await Promise.all(owners.map((owner) => ownerState(kinds, owner, object, context)));
  if (states.every((state) => state === 'present')) return;
  if (states.includes('present')) {
    const left = owners.filter((_, index) => states[index] === 'present');
    await quiet(writeMetadata({ kind, object }, { ownerReferences: left }, context));
    return;
  }
  const { uid, resourceVersion } = object.metadata;
  await quiet(context.client.delete(kind, keyOf(object), { uid, resourceVersion }));
  const owner = owners[0]!;
  context.log.info(
    { kind: kind.kind, object: keyText(keyOf(object)), owner: `${owner.kind}/${owner.name}` },
    'collected: its owner is gone',
  );
}

async function orphan(owner: Dependent, dependents: readonly Dependent[], context: ControllerContext): Promise<void> {
  const { uid } = owner.object.metadata;
  await inBatches(dependents, 20, (dependent) => {
    const left = (dependent.object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
    return quiet(writeMetadata(dependent, { ownerReferences: left }, context));
  });
  await removeFinalizer(owner, ORPHAN, context);
}

async function endForeground(
  owner: Dependent,
  dependents: readonly Dependent[],
  kinds: readonly Kind[],
  context: ControllerContext,
): Promise<void> {
  const { uid } = owner.object.metadata;
  const blocks = ({ object }: Dependent) =>
    object.metadata.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true);
  await inBatches(dependents, 20, (dependent) => collect(dependent, kinds, context));
  if (!dependents.some(blocks)) await removeFinalizer(owner, FOREGROUND, context);
}

async function removeFinalizer(owner: Dependent, finalizer: string, context: ControllerContext): Promise<void> {
  const finalizers = (owner.object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  await quiet(writeMetadata(owner, { finalizers }, context));
}

function writeMetadata({ kind, object }: Dependent, metadata: object, context: ControllerContext): Promise<unknown> {
  const { uid, resourceVersion } = object.metadata;
  return context.client.patch(kind, keyOf(object), { metadata: { ...metadata, uid, resourceVersion } });
}

/** Someone else's deletion is what was wanted. */
async function quiet(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
  }
}
