import type { NodeApis } from '../../agent/node-api.ts';
import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import type { Kind } from '../../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../../model/resource.ts';
import type { Scheme } from '../../model/scheme.ts';
import type { Verbs, WriteRequest } from '../verbs.ts';
import { groupVersions, isNamespace, isPod, isReadOnly } from './api-surface.ts';
import { judgeDuplicates, objectTypes, parseBody } from './body.ts';
import { negotiate } from './negotiate.ts';
import { parsePatch } from './patch-body.ts';
import { podLogAnswer } from './pod-log.ts';
import { deleteRequest, flag, integer, listRequest, texts, writeOptions, type OptionsKind } from './query.ts';
import { renderList, renderObject, type RenderOptions } from './render.ts';
import { objectAnswer, type ApiAnswer, type ApiRequest, type Route } from './route.ts';
import { deletedStatus } from './status.ts';
import { includeObject } from './table.ts';
import { watchAnswer } from './watch-stream.ts';

/** What the routes of resources need. */
export interface ResourceContext {
  readonly verbs: Verbs;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly nodeApis: NodeApis;
}

type Subresource = WriteRequest['subresource'];

type Handlers = { readonly [method in Route['method']]?: (request: ApiRequest) => Promise<ApiAnswer> };

/** The routes of all kinds of the scheme: collections, objects, subresources. A method that a path does not have is a 405. */
export function resourceRoutes(context: ResourceContext): readonly Route[] {
  return groupVersions(context.scheme).flatMap((gv) => gv.kinds.flatMap((kind) => kindRoutes(kind, gv.path, context)));
}

function kindRoutes(kind: Kind, base: string, context: ResourceContext): readonly Route[] {
  const collection = `${base}${kind.namespaced ? '/namespaces/:namespace' : ''}/${kind.plural}`;
  // Everything else below a namespace starts with the same parameter, which must have one name.
  const item = `${collection}/${isNamespace(kind) ? ':namespace' : ':name'}`;
  const reads: Handlers = { GET: (request) => listOrWatch(kind, request, context) };
  const get: Handlers = { GET: (request) => getOne(kind, request, context) };
  if (isReadOnly(kind)) return [...rows(collection, reads), ...rows(item, get)];
  return [
    ...(kind.namespaced ? rows(`${base}/${kind.plural}`, reads) : []),
    ...rows(collection, {
      ...reads,
      POST: (request) => create(kind, request, context),
      ...(!isNamespace(kind) && { DELETE: (request) => deleteMany(kind, request, context) }),
    }),
    ...rows(item, {
      ...get,
      PUT: (request) => update(kind, request, context, undefined),
      PATCH: (request) => patch(kind, request, context, undefined),
      DELETE: (request) => deleteOne(kind, request, context),
    }),
    ...(kind.hasStatus
      ? rows(`${item}/status`, {
          ...get,
          PUT: (request) => update(kind, request, context, 'status'),
          PATCH: (request) => patch(kind, request, context, 'status'),
        })
      : []),
    ...(isNamespace(kind) ? rows(`${item}/finalize`, { PUT: (request) => update(kind, request, context, 'finalize') }) : []),
    ...(isPod(kind) ? rows(`${item}/log`, { GET: (request) => podLogAnswer(kind, request, context) }) : []),
  ];
}

function rows(path: string, handlers: Handlers): readonly Route[] {
  return Object.entries(handlers).map(([method, handle]) => ({ method: method as Route['method'], path, handle }));
}

function keyOf(kind: Kind, request: ApiRequest): ObjectKey {
  const { namespace = '', name = '' } = request.params;
  if (isNamespace(kind)) return { name: namespace };
  return kind.namespaced ? { namespace, name } : { name };
}

async function getOne(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, false);
  const object = await context.verbs.get(kind, keyOf(kind, request), texts(request.query, ['resourceVersion']));
  return objectAnswer(renderObject(kind, object, renderOptions(representation.as, request, context)), 200, representation.format);
}

async function listOrWatch(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  if (flag(request.query, 'watch')) return watch(kind, request, context);
  const representation = negotiate(request.headers.accept, true);
  const answer = await context.verbs.list(kind, listRequest(request.query, request.params['namespace']));
  return objectAnswer(renderList(kind, answer, renderOptions(representation.as, request, context)), 200, representation.format);
}

async function watch(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  // Watch events are single objects, but informers ask with the name of the list.
  const { as, format } = watchRepresentation(request.headers.accept);
  if (format === 'yaml') throw new DroverError('not-acceptable', 'a watch is written as application/json only');
  const { namespace } = request.params;
  const timeoutSeconds = integer(request.query, 'timeoutSeconds');
  const end = new AbortController();
  const cancelTimeout = timeoutSeconds ? context.clock.after(timeoutSeconds * 1000, () => end.abort()) : undefined;
  const items = context.verbs.watch(kind, {
    ...(namespace !== undefined && { namespace }),
    ...texts(request.query, ['labelSelector', 'fieldSelector', 'resourceVersion', 'resourceVersionMatch']),
    allowWatchBookmarks: flag(request.query, 'allowWatchBookmarks'),
    ...(request.query.has('sendInitialEvents') && { sendInitialEvents: flag(request.query, 'sendInitialEvents') }),
    signal: AbortSignal.any([request.signal, end.signal]),
  });
  return watchAnswer(kind, items, {
    as,
    includeObject: includeObject(request.query.get('includeObject')),
    clock: context.clock,
    stop() {
      cancelTimeout?.();
      end.abort();
    },
  });
}

function watchRepresentation(accept: string | undefined): ReturnType<typeof negotiate> {
  return negotiate(accept?.replaceAll('PartialObjectMetadataList', 'PartialObjectMetadata').replaceAll(/;\s*stream=watch/g, ''), false);
}

async function create(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, false);
  const write = writeRequest(request, 'CreateOptions');
  const body = await parseBody(request.body, request.headers['content-type'], objectTypes(kind));
  judgeDuplicates(body, kind, write.fieldValidation, request.warn);
  const object = await context.verbs.create(kind, request.params['namespace'], body.value, write);
  return objectAnswer(renderObject(kind, object, renderOptions(representation.as, request, context)), 201, representation.format);
}

async function update(kind: Kind, request: ApiRequest, context: ResourceContext, subresource: Subresource): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, false);
  const write = writeRequest(request, 'UpdateOptions', subresource);
  const body = await parseBody(request.body, request.headers['content-type'], objectTypes(kind));
  judgeDuplicates(body, kind, write.fieldValidation, request.warn);
  const object = await context.verbs.update(kind, keyOf(kind, request), body.value, write);
  return objectAnswer(renderObject(kind, object, renderOptions(representation.as, request, context)), 200, representation.format);
}

async function patch(kind: Kind, request: ApiRequest, context: ResourceContext, subresource: Subresource): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, false);
  const write = writeRequest(request, 'PatchOptions', subresource);
  const parsed = await parsePatch(kind, request.body, request.headers['content-type']);
  judgeDuplicates(parsed.body, kind, write.fieldValidation, request.warn);
  const object = await context.verbs.patch(kind, keyOf(kind, request), parsed.patch, write);
  return objectAnswer(renderObject(kind, object, renderOptions(representation.as, request, context)), 200, representation.format);
}

async function deleteOne(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, false);
  const options = await deleteOptions(kind, request);
  const { gone, object } = await context.verbs.delete(kind, keyOf(kind, request), options);
  // Pods answer with their last state, everything else that is gone with a Status, as kube-apiserver's registries do.
  if (gone && !isPod(kind)) return objectAnswer(deletionStatus(kind, object), 200, representation.format);
  return objectAnswer(renderObject(kind, object, renderOptions(representation.as, request, context)), 200, representation.format);
}

async function deleteMany(kind: Kind, request: ApiRequest, context: ResourceContext): Promise<ApiAnswer> {
  const representation = negotiate(request.headers.accept, true);
  const options = await deleteOptions(kind, request);
  const answer = await context.verbs.deleteCollection(kind, listRequest(request.query, request.params['namespace']), options);
  return objectAnswer(renderList(kind, answer, renderOptions(representation.as, request, context)), 200, representation.format);
}

function deletionStatus(kind: Kind, object: Stored<Resource>): object {
  return deletedStatus({ name: object.metadata.name, group: kind.group, kind: kind.plural, uid: object.metadata.uid });
}

async function deleteOptions(kind: Kind, request: ApiRequest): Promise<ReturnType<typeof deleteRequest>> {
  const body =
    request.body.length === 0 ? undefined : (await parseBody(request.body, request.headers['content-type'], objectTypes(kind))).value;
  return deleteRequest(request.query, body, request.identity.user);
}

function writeRequest(request: ApiRequest, options: OptionsKind, subresource?: Subresource): WriteRequest {
  return { ...writeOptions(request.query, options), actor: request.identity.user, warn: request.warn, ...(subresource && { subresource }) };
}

function renderOptions(as: RenderOptions['as'], request: ApiRequest, context: ResourceContext): RenderOptions {
  return { as, includeObject: includeObject(request.query.get('includeObject')), nowMs: context.clock.now() };
}
