import type { KindRef } from '../model/kind.ts';
import type { ObjectKey } from '../model/resource.ts';

/** All objects of the resource API live under this prefix of the store. */
export const REGISTRY = '/registry/';

/** `/registry/<group>/<plural>/`: all objects of a kind; the core group is called `core`. */
export function kindPrefix(kind: Pick<KindRef, 'group' | 'plural'>): string {
  return `${REGISTRY}${kind.group === '' ? 'core' : kind.group}/${kind.plural}/`;
}

/** The objects of a kind in one namespace, or all of them without. */
export function listPrefix(kind: KindRef, namespace: string | undefined): string {
  return namespace === undefined ? kindPrefix(kind) : `${kindPrefix(kind)}${namespace}/`;
}

/** Where one object is stored: `/registry/<group>/<plural>/<namespace>/<name>`, without namespace for cluster-wide kinds. */
export function storageKey(kind: KindRef, key: ObjectKey): string {
  return key.namespace === undefined ? `${kindPrefix(kind)}${key.name}` : `${kindPrefix(kind)}${key.namespace}/${key.name}`;
}

/** The part of a storage key that names the kind: its `kindPrefix`. Undefined for keys that are no objects. */
export function prefixOfKey(key: string): string | undefined {
  if (!key.startsWith(REGISTRY)) return undefined;
  const group = key.indexOf('/', REGISTRY.length);
  const plural = group < 0 ? -1 : key.indexOf('/', group + 1);
  return plural < 0 ? undefined : key.slice(0, plural + 1);
}
