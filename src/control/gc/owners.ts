import type { Kind } from '../../model/kind.ts';
import type { ObjectKey, OwnerReference, Resource, Stored } from '../../model/resource.ts';
import type { ControllerContext } from '../controller.ts';
import { hasCode } from '../../base/errors.ts';

/** The finalizer that keeps an owner until the dependents that block it are gone. */
export const FOREGROUND = 'foregroundDeletion';
/** The finalizer that keeps an owner until its dependents no longer name it. */
export const ORPHAN = 'orphan';

/** `present`: it is there, or nobody can tell; `ending`: it waits for its dependents to go first; `gone`. */
export type OwnerState = 'present' | 'ending' | 'gone';

/** The kind that an ownerReference names, whatever version it was written with; undefined when this process does not know it. */
export function ownerKind(kinds: readonly Kind[], owner: OwnerReference): Kind | undefined {
  const group = owner.apiVersion.includes('/') ? owner.apiVersion.slice(0, owner.apiVersion.indexOf('/')) : '';
  return kinds.find((kind) => kind.kind === owner.kind && kind.group === group);
}

/** Where the owner of `dependent` is to be found; undefined when such a reference cannot hold (a cluster-wide object with an owner in a namespace). */
export function ownerKey(kind: Kind, owner: OwnerReference, dependent: Resource): ObjectKey | undefined {
  if (!kind.namespaced) return { name: owner.name };
  const { namespace } = dependent.metadata;
  return namespace === undefined ? undefined : { namespace, name: owner.name };
}

/** How it is with an owner. One that the cache does not hold is asked of the server: the cache may lag behind a new one. */
export async function ownerState(
  kinds: readonly Kind[],
  owner: OwnerReference,
  dependent: Stored<Resource>,
  context: ControllerContext,
): Promise<OwnerState> {
  const kind = ownerKind(kinds, owner);
  const key = kind && ownerKey(kind, owner, dependent);
  if (!kind || !key) return 'present';
  const cached = context.caches.of(kind).get(key);
  if (cached?.metadata.uid === owner.uid) return isEnding(cached) ? 'ending' : 'present';
  try {
    const live = await context.client.get(kind, key);
    if (live.metadata.uid !== owner.uid) return 'gone';
    return isEnding(live) ? 'ending' : 'present';
  } catch (error) {
    if (hasCode(error, 'not-found')) return 'gone';
    throw error;
  }
}

/** Not before the other finalizers are done: whoever has set one ends the dependents in order, and would make anew what is taken from it. */
function isEnding(owner: Resource): boolean {
  const finalizers = owner.metadata.finalizers ?? [];
  return Boolean(owner.metadata.deletionTimestamp) && finalizers.length > 0 && finalizers.every((finalizer) => finalizer === FOREGROUND);
}
