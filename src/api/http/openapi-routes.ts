import { createHash } from 'node:crypto';
import type { Scheme } from '../../model/scheme.ts';
import { groupVersions } from './api-surface.ts';
import { openApiDocument } from './openapi.ts';
import type { ApiAnswer, ApiRequest, Route } from './route.ts';

/** `/openapi/v3` and one document a group and version, made when first asked for, with the hash that lets clients keep them for ever. */
export function openApiRoutes(scheme: Scheme, version: string): readonly Route[] {
  const documents = new Map<string, { text: string; hash: string }>();
  const all = new Map(groupVersions(scheme).map((gv) => [gv.path.slice(1), gv]));
  const document = (path: string): { text: string; hash: string } => {
    const made = documents.get(path);
    if (made) return made;
    const text = JSON.stringify(openApiDocument(all.get(path)!, version));
    const fresh = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
    documents.set(path, fresh);
    return fresh;
  };
  const index: Route = {
    method: 'GET',
    path: '/openapi/v3',
    handle() {
      const paths = [...all.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${document(path).hash}` }]);
      return json(JSON.stringify({ paths: Object.fromEntries(paths) }), {});
    },
  };
  const rows = [...all.keys()].map((path): Route => ({
    method: 'GET',
    path: `/openapi/v3/${path}`,
    handle: (request) => documentAnswer(request, document(path)),
  }));
  return [index, ...rows];
}

function documentAnswer(request: ApiRequest, { text, hash }: { text: string; hash: string }): ApiAnswer {
  const etag = `"${hash}"`;
  const immutable =
    request.query.get('hash') === hash ? { 'cache-control': 'public, immutable', expires: 'Fri, 31 Dec 2099 23:59:59 GMT' } : {};
  const headers = { etag, vary: 'Accept', ...immutable };
  if (request.headers['if-none-match'] === etag) return { type: 'text', code: 304, contentType: 'application/json', text: '', headers };
  return json(text, headers);
}

function json(text: string, headers: Record<string, string>): ApiAnswer {
  return { type: 'text', code: 200, contentType: 'application/json', text, headers };
}
