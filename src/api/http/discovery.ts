import { createHash } from 'node:crypto';
import { groupVersions, subresourcesOf, verbsOf, type GroupVersion } from './api-surface.ts';
import { parseAccept } from './media-type.ts';
import { objectAnswer, type ApiAnswer, type ApiRequest, type Route } from './route.ts';
import type { Kind } from '../../model/kind.ts';
import type { Scheme } from '../../model/scheme.ts';

/** `/api`, `/apis` and what is below them: plain discovery, and aggregated discovery for clients that ask for it. */
export function discoveryRoutes(scheme: Scheme, address: () => string): readonly Route[] {
  const all = groupVersions(scheme);
  const core = all.filter((gv) => gv.group === '');
  const named = all.filter((gv) => gv.group !== '');
  const groups = [...new Set(named.map((gv) => gv.group))];
  const get = (path: string, body: () => object): Route => ({ method: 'GET', path, handle: () => objectAnswer(body()) });
  return [
    aggregated('/api', core, () => ({
      kind: 'APIVersions',
      versions: core.map((gv) => gv.version),
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address() }],
    })),
    aggregated('/apis', named, () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((group) => groupDocument(group, named)),
    })),
    ...groups.map((group) => get(`/apis/${group}`, () => ({ kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group, named) }))),
    ...all.map((gv) => get(gv.path, () => resourceList(gv))),
  ];
}

function groupDocument(group: string, all: readonly GroupVersion[]): object {
  const versions = all.filter((gv) => gv.group === group).map((gv) => ({ groupVersion: gv.name, version: gv.version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceList(gv: GroupVersion): object {
  return {
    kind: 'APIResourceList',
    ...(gv.group !== '' && { apiVersion: 'v1' }),
    groupVersion: gv.name,
    resources: gv.kinds.flatMap((kind) => [
      {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: verbsOf(kind),
        ...words(kind),
      },
      ...subresourcesOf(kind).map((sub) => ({
        name: `${kind.plural}/${sub.name}`,
        singularName: '',
        namespaced: kind.namespaced,
        kind: sub.responseKind,
        verbs: sub.verbs,
      })),
    ]),
  };
}

function aggregated(path: string, all: readonly GroupVersion[], plain: () => object): Route {
  const documents = new Map<string, { text: string; etag: string }>();
  for (const version of ['v2', 'v2beta1']) {
    const text = JSON.stringify(aggregatedDocument(version, all));
    documents.set(version, { text, etag: `"${createHash('sha512').update(text).digest('hex').toUpperCase()}"` });
  }
  return {
    method: 'GET',
    path,
    handle(request: ApiRequest): ApiAnswer {
      const version = aggregatedVersion(request.headers.accept);
      const document = version === undefined ? undefined : documents.get(version);
      if (!document) return objectAnswer(plain());
      const headers = { etag: document.etag, vary: 'Accept', 'cache-control': 'public' };
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
      if (request.headers['if-none-match'] === document.etag) return { type: 'text', code: 304, contentType, text: '', headers };
      return { type: 'text', code: 200, contentType, text: document.text, headers };
    },
  };
}

/** The first thing the client accepts that we have: a version of aggregated discovery, or undefined for the plain document. */
function aggregatedVersion(accept: string | undefined): string | undefined {
  for (const { name, parameters } of parseAccept(accept)) {
    if (name !== 'application/json' && name !== '*/*' && name !== 'application/*') continue;
    if (parameters['as'] === undefined) return undefined;
    const { as, g, v } = parameters;
    if (as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && (v === 'v2' || v === 'v2beta1')) return v;
  }
  return undefined;
}

function aggregatedDocument(version: string, all: readonly GroupVersion[]): object {
  const groups = [...new Set(all.map((gv) => gv.group))];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group === '' ? {} : { name: group },
      versions: all
        .filter((gv) => gv.group === group)
        .map((gv) => ({ version: gv.version, resources: gv.kinds.map((kind) => aggregatedResource(kind)), freshness: 'Current' })),
    })),
  };
}

function aggregatedResource(kind: Kind): object {
  const subresources = subresourcesOf(kind);
  return {
    resource: kind.plural,
    responseKind: responseKind(kind, kind.kind),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: verbsOf(kind),
    ...words(kind),
    ...(subresources.length > 0 && {
      subresources: subresources.map((sub) => ({
        subresource: sub.name,
        responseKind: responseKind(kind, sub.responseKind),
        verbs: sub.verbs,
      })),
    }),
  };
}

function responseKind(kind: Kind, name: string): object {
  return kind.origin === 'crd' ? { group: kind.group, version: kind.version, kind: name } : { group: '', version: '', kind: name };
}

function words(kind: Kind): object {
  return {
    ...(kind.shortNames && kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories && kind.categories.length > 0 && { categories: kind.categories }),
  };
}
