import { DroverError } from '../base/errors.ts';
import type { KindRef } from '../model/kind.ts';
import { didYouMean } from '../plan/did-you-mean.ts';
import type { Connection } from './connect.ts';

/** A kind as the server's discovery describes it. */
export interface Discovered extends KindRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

interface DiscoveryList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: { readonly kind?: string };
        readonly scope: string;
        readonly singularResource?: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
      }[];
    }[];
  }[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** All kinds the server serves. */
export async function discover(connection: Connection, signal: AbortSignal): Promise<Discovered[]> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => connection.json<DiscoveryList>(path, { accept: AGGREGATED, signal })));
  return answers.flatMap((answer) =>
    (answer.items ?? []).flatMap((group) =>
      (group.versions ?? []).flatMap((version) =>
        (version.resources ?? []).map((resource) => ({
          group: group.metadata?.name ?? '',
          version: version.version,
          kind: resource.responseKind?.kind ?? resource.resource,
          plural: resource.resource,
          namespaced: resource.scope === 'Namespaced',
          singular: resource.singularResource ?? '',
          shortNames: resource.shortNames ?? [],
          categories: resource.categories ?? [],
        })),
      ),
    ),
  );
}

/** The kind that a word means (plural, singular, short name, kind, with or without `.group`). Throws `not-found` with the nearest words. */
export function findKind(kinds: readonly Discovered[], word: string): Discovered {
  const wanted = word.toLowerCase();
  const names = (kind: Discovered) => [kind.plural, kind.singular, kind.kind.toLowerCase(), ...kind.shortNames];
  const found = kinds.find((kind) => names(kind).some((name) => name === wanted || `${name}.${kind.group}` === wanted));
  if (found) return found;
  throw new DroverError('not-found', `the server has no resource '${word}'.${nearest(kinds, word)}`);
}

function nearest(kinds: readonly Discovered[], word: string): string {
  const near = didYouMean(
    word,
    kinds.flatMap((kind) => [kind.plural, kind.singular, ...kind.shortNames]).filter((name) => name !== ''),
  );
  return near === undefined ? ` There are: ${kinds.map((kind) => kind.plural).join(', ')}` : ` Did you mean "${near}"?`;
}

/** The kind of a manifest. Throws `not-found` with what there is. */
export function kindOfManifest(kinds: readonly Discovered[], object: { apiVersion: string; kind: string }, where: string): Discovered {
  const found = kinds.find((kind) => kind.kind === object.kind && versionOf(kind) === object.apiVersion);
  if (found) return found;
  const sameKind = kinds.filter((kind) => kind.kind.toLowerCase() === object.kind.toLowerCase());
  const near = didYouMean(
    object.kind,
    kinds.map((kind) => kind.kind),
  );
  const meant = sameKind.length > 0 ? sameKind : kinds.filter((kind) => kind.kind === near);
  const help =
    meant.length > 0
      ? `did you mean ${meant.map((kind) => `kind ${kind.kind} of ${versionOf(kind)}`).join(' or ')}?`
      : `it has ${kinds.map((kind) => kind.kind).join(', ')}`;
  throw new DroverError('not-found', `${where}: the server has no kind ${object.kind} in ${object.apiVersion}; ${help}`);
}

function versionOf(kind: KindRef): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** The URL path of a kind's collection or of one object. */
export function pathOf(kind: KindRef, namespace: string | undefined, name?: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
