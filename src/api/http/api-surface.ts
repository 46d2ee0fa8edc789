import { apiVersionOf, type Kind } from '../../model/kind.ts';
import type { Scheme } from '../../model/scheme.ts';

/** One group and version that is served, with its kinds in order of plural. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** `v1`, `drover.dev/v1alpha1`. */
  readonly name: string;
  /** `/api/v1`, `/apis/drover.dev/v1alpha1`. */
  readonly path: string;
  readonly kinds: readonly Kind[];
}

/** A subresource as discovery shows it. */
export interface Subresource {
  readonly name: string;
  readonly responseKind: string;
  readonly verbs: readonly string[];
}

/** All groups and versions of a scheme: core first, then by name. */
export function groupVersions(scheme: Scheme): readonly GroupVersion[] {
  const found = new Map<string, Kind[]>();
  for (const kind of scheme.kinds) {
    const name = apiVersionOf(kind);
    found.set(name, [...(found.get(name) ?? []), kind]);
  }
  return [...found]
    .map(([name, kinds]) => {
      const { group, version } = kinds[0]!;
      const sorted = kinds.toSorted((a, b) => (a.plural < b.plural ? -1 : 1));
      return { group, version, name, path: group === '' ? `/api/${version}` : `/apis/${group}/${version}`, kinds: sorted };
    })
    .sort((a, b) => (a.group === b.group ? (a.version < b.version ? -1 : 1) : a.group < b.group ? -1 : 1));
}

/** Discovery's verbs of a kind. Namespaces have no deletecollection, as in kube-apiserver. */
export function verbsOf(kind: Kind): readonly string[] {
  const all = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
  if (isReadOnly(kind)) return ['get', 'list', 'watch'];
  return isNamespace(kind) ? all.filter((verb) => verb !== 'deletecollection') : all;
}

/** Discovery's subresources of a kind, in order of name. */
export function subresourcesOf(kind: Kind): readonly Subresource[] {
  const found: Subresource[] = [];
  if (isNamespace(kind)) found.push({ name: 'finalize', responseKind: kind.kind, verbs: ['update'] });
  if (isPod(kind)) found.push({ name: 'log', responseKind: 'Pod', verbs: ['get'] });
  if (kind.hasStatus && !isReadOnly(kind)) found.push({ name: 'status', responseKind: kind.kind, verbs: ['get', 'patch', 'update'] });
  return found;
}

/** v1 Namespace, which owns the path below `/api/v1/namespaces/NAME/`. */
export function isNamespace(kind: Kind): boolean {
  return kind.group === '' && kind.plural === 'namespaces';
}

/** v1 Pod, the only kind with logs. */
export function isPod(kind: Kind): boolean {
  return kind.group === '' && kind.plural === 'pods';
}

/** CustomResourceDefinitions are derived from the scheme: they are shown, never written. */
export function isReadOnly(kind: Kind): boolean {
  return kind.group === 'apiextensions.k8s.io';
}
