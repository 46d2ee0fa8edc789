import type { KindRef } from '../../model/kind.ts';
import type { ObjectKey } from '../../model/resource.ts';

/** Path of a collection: `/api/v1/namespaces/default/pods`; without namespace that of all namespaces. */
export function collectionPath(kind: KindRef, namespace: string | undefined): string {
  const base = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const room = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${room}/${kind.plural}`;
}

/** Path of an object, or of its subresource. */
export function objectPath(kind: KindRef, key: ObjectKey, subresource?: string): string {
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** `path?a=1&b=2`; undefined members are left out. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? path : `${path}?${parts.join('&')}`;
}
