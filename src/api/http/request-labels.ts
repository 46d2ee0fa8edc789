import type { Route } from './route.ts';

/** Hears of every request that was answered; `observe/metrics.ts` fits. */
export interface RequestObserver {
  /** One answered request. `resource`: `plural.group`, '' for paths without one; streams count when they end. */
  request(request: { readonly verb: string; readonly resource: string; readonly code: number; readonly durationMs: number }): void;
  /** A watch has begun; the returned function says that it has ended. */
  watchBegan(resource: string): () => void;
}

/** What a route is counted as. `stream` is the verb of its answers that go on: `watch`, `log`. */
export interface RequestLabels {
  readonly verb: string;
  readonly stream: string;
  readonly resource: string;
}

const VERBS: Readonly<Record<Route['method'], readonly [collection: string, object: string]>> = {
  GET: ['list', 'get'],
  POST: ['create', 'create'],
  PUT: ['update', 'update'],
  PATCH: ['patch', 'patch'],
  DELETE: ['deletecollection', 'delete'],
};

/** The labels of a row of the route table, from its pattern, so that they are few whatever clients ask for. */
export function requestLabels(route: Pick<Route, 'method' | 'path'>): RequestLabels {
  const [, root, ...parts] = route.path.split('/');
  const group = root === 'apis' ? parts[0] : '';
  const rest = root === 'apis' ? parts.slice(2) : root === 'api' ? parts.slice(1) : [];
  const scoped = rest[0] === 'namespaces' && rest.length > 2 && !SUBRESOURCES.has(rest[2]!) ? rest.slice(2) : rest;
  const [plural = '', name, subresource] = scoped;
  if (plural === '') return { verb: route.method.toLowerCase(), stream: 'watch', resource: '' };
  const resource = `${plural}${group ? `.${group}` : ''}${subresource ? `/${subresource}` : ''}`;
  return { verb: VERBS[route.method][name === undefined ? 0 : 1], stream: subresource === 'log' ? 'log' : 'watch', resource };
}

const SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);
