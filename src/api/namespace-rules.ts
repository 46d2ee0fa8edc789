import type { KindRef } from '../model/kind.ts';
import type { Resource, Stored } from '../model/resource.ts';
import { forbidden, notFound } from './faults.ts';

/** The kind of namespaces, for error texts and look-ups. */
export const NAMESPACES: KindRef = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };

/** Made at start, as Kubernetes does; only the first two are for ever. */
export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-node-lease'] as const;

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

interface NamespaceObject extends Resource {
  spec?: { finalizers?: string[] };
  status?: { phase?: string };
}

/** True for namespaces, whose deletion has rules of its own. */
export function isNamespaceKind(kind: KindRef): boolean {
  return kind.group === '' && kind.plural === 'namespaces';
}

/** New objects need a namespace that is there and stays. Throws `not-found`, `forbidden`. */
export function checkNamespaceTakesNew(kind: KindRef, name: string, namespace: string, object: Stored<Resource> | undefined): void {
  if (!object) throw notFound(NAMESPACES, { name: namespace });
  const { status } = object as NamespaceObject;
  if (!object.metadata.deletionTimestamp && status?.phase !== 'Terminating') return;
  throw forbidden(kind, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    { field: 'metadata.namespace', reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated` },
  ]);
}

/** The namespaces that everything hangs on cannot be deleted. Throws `forbidden`. */
export function checkNamespaceMayGo(kind: KindRef, name: string): void {
  if (isNamespaceKind(kind) && IMMORTAL.has(name)) throw forbidden(kind, name, 'this namespace may not be deleted');
}

/** A namespace as it is created: with the finalizer that its controller removes when it is empty. */
export function newNamespace(object: Resource): Resource {
  const { spec } = object as NamespaceObject;
  const finalizers = spec?.finalizers?.includes('kubernetes') ? spec.finalizers : [...(spec?.finalizers ?? []), 'kubernetes'];
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name ?? '' };
  return { ...object, metadata: { ...object.metadata, labels }, spec: { ...spec, finalizers }, status: { phase: 'Active' } };
}

/**
 * `spec.finalizers` after a write. They change through the subresource `finalize`; an ordinary update of a namespace that is being deleted may take
 * some away too (Kubernetes ignores that), so that a namespace controller needs no more than a ResourceClient.
 */
export function namespaceFinalizers(next: Resource, old: Resource, finalize: boolean): string[] {
  const given = (next as NamespaceObject).spec?.finalizers;
  const before = (old as NamespaceObject).spec?.finalizers ?? [];
  if (finalize) return given ?? [];
  if (!given || !old.metadata.deletionTimestamp) return before;
  return before.filter((finalizer) => given.includes(finalizer));
}

/** A namespace that waits for its content to go. */
export function terminating(object: Resource): Resource {
  return { ...object, status: { ...(object as NamespaceObject).status, phase: 'Terminating' } };
}

/** True while something still keeps the namespace, besides metadata.finalizers. */
export function namespaceIsHeld(object: Resource): boolean {
  return ((object as NamespaceObject).spec?.finalizers ?? []).length > 0;
}
