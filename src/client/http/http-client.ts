import { DroverError } from '../../base/errors.ts';
import { apiVersionOf, type KindRef } from '../../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../../model/resource.ts';
import { keyOf } from '../../model/object-key.ts';
import type { DeleteOptions, ListQuery, ResourceClient, ResourceList, WatchEvent, WatchQuery, WriteOptions } from '../client.ts';
import { statusFault, type WireStatus } from './fault.ts';
import { linesOf } from './lines.ts';
import { collectionPath, objectPath, withQuery } from './resource-path.ts';
import { createTransport, type WireAnswer } from './transport.ts';

/** Where the server is and how to get in. */
export interface HttpClientOptions {
  /** `http://127.0.0.1:7480` */
  readonly url: string;
  readonly token: string;
  /** Called with each `Warning` header of an answer. */
  readonly onWarning?: (text: string) => void;
}

/** Log options as `kubectl logs` has them. */
export interface HttpLogQuery {
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
}

/** A {@link ResourceClient} over HTTP, and what only HTTP has. The identity of writes is the token's: `actor` options are not sent. */
export interface HttpClient extends ResourceClient {
  /** GET of any path (`/readyz?verbose`), or another method with a JSON body. Throws DroverErrors for answers that are no success. */
  raw(
    path: string,
    init?: { readonly method?: string; readonly body?: string; readonly contentType?: string; readonly accept?: string },
  ): Promise<WireAnswer>;
  /** Text of a container's log as it comes, in pieces that may end anywhere in a line. */
  podLogs(key: ObjectKey, query: HttpLogQuery, signal: AbortSignal): AsyncIterable<Buffer>;
  /** Closes idle connections. Idempotent. */
  close(): void;
}

const POD: KindRef = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

/** Opens no connection yet. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const transport = createTransport(options);

  async function call<T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> {
    const answer = await transport.call({
      method,
      path,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(contentType !== undefined && { contentType }),
    });
    if (options.onWarning) for (const warning of answer.warnings) options.onWarning(warning);
    return JSON.parse(answer.text) as T;
  }

  // Our own callers want to hear of mistakes at once.
  const writing = (write: WriteOptions | undefined): Record<string, string | undefined> => ({
    dryRun: write?.dryRun ? 'All' : undefined,
    fieldValidation: 'Strict',
  });

  return {
    get: <T extends Resource>(kind: KindRef<T>, key: ObjectKey) => call<Stored<T>>('GET', objectPath(kind, key)),
    async list<T extends Resource>(kind: KindRef<T>, query: ListQuery = {}) {
      const { namespace, ...rest } = query;
      const list = await call<WireList<T>>('GET', withQuery(collectionPath(kind, namespace), rest));
      return listOf(kind, list);
    },
    watch: <T extends Resource>(kind: KindRef<T>, query: WatchQuery) => watch<T>(kind, query, transport),
    create: <T extends Resource>(kind: KindRef<T>, object: T, write?: WriteOptions) =>
      call<Stored<T>>('POST', withQuery(collectionPath(kind, object.metadata.namespace), writing(write)), object),
    update: <T extends Resource>(kind: KindRef<T>, object: T, write?: WriteOptions) =>
      call<Stored<T>>('PUT', withQuery(objectPath(kind, keyOf(object)), writing(write)), object),
    updateStatus: <T extends Resource>(kind: KindRef<T>, object: T, write?: WriteOptions) =>
      call<Stored<T>>('PUT', withQuery(objectPath(kind, keyOf(object), 'status'), writing(write)), object),
    patch: <T extends Resource>(kind: KindRef<T>, key: ObjectKey, patch: object, write?: WriteOptions & { subresource?: 'status' }) =>
      call<Stored<T>>('PATCH', withQuery(objectPath(kind, key, write?.subresource), writing(write)), patch, 'application/merge-patch+json'),
    async delete<T extends Resource>(kind: KindRef<T>, key: ObjectKey, query: DeleteOptions = {}) {
      const { uid, resourceVersion, gracePeriodSeconds, dryRun } = query;
      const answer = await call<Stored<T> | WireStatus>('DELETE', objectPath(kind, key), {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        ...((uid ?? resourceVersion) !== undefined && { preconditions: { uid, resourceVersion } }),
        ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
        ...(dryRun && { dryRun: ['All'] }),
        propagationPolicy: 'Background',
      });
      return stillThere<T>(answer, gracePeriodSeconds);
    },
    raw: (path, init = {}) => transport.call({ method: init.method ?? 'GET', path, ...init }),
    podLogs: (key, query, signal) =>
      transport.stream({ method: 'GET', path: withQuery(objectPath(POD, key, 'log'), { ...query }), signal, accept: '*/*' }),
    close: () => transport.close(),
  };
}

interface WireList<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Stored<Resource & T>[] | null;
}

function listOf<T extends Resource>(kind: KindRef<T>, list: WireList<T>): ResourceList<T> {
  // Built-in lists do not repeat in each item what it is.
  const items = (list.items ?? []).map((item) => ({ ...item, apiVersion: apiVersionOf(kind), kind: kind.kind }) as Stored<T>);
  return { items, resourceVersion: list.metadata.resourceVersion, ...(list.metadata.continue && { continue: list.metadata.continue }) };
}

/** A Status says that it is gone, and so does the last state of a Pod that was not asked to end but removed. */
function stillThere<T extends Resource>(answer: Stored<T> | WireStatus, gracePeriodSeconds: number | undefined): Stored<T> | undefined {
  if (!('metadata' in answer) || ('kind' in answer && answer.kind === 'Status')) return undefined;
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = answer.metadata;
  if (!deletionTimestamp) return undefined;
  const waits = (finalizers?.length ?? 0) > 0 || ((deletionGracePeriodSeconds ?? 0) > 0 && gracePeriodSeconds !== 0);
  return waits || answer.kind === 'Namespace' ? answer : undefined;
}

async function* watch<T extends Resource>(
  kind: KindRef,
  query: WatchQuery,
  transport: ReturnType<typeof createTransport>,
): AsyncIterable<WatchEvent<T>> {
  const { namespace, signal, ...rest } = query;
  const path = withQuery(collectionPath(kind, namespace), { ...rest, watch: true, allowWatchBookmarks: true });
  for await (const line of linesOf(transport.stream({ method: 'GET', path, signal }))) {
    if (signal.aborted) return;
    const event = JSON.parse(line) as { type: string; object: unknown };
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
      case 'DELETED':
        yield { type: event.type, object: event.object as Stored<T> };
        break;
      case 'BOOKMARK':
        yield { type: 'BOOKMARK', resourceVersion: (event.object as Stored<Resource>).metadata.resourceVersion };
        break;
      case 'ERROR':
        throw statusFault(event.object as WireStatus);
      default:
        throw new DroverError('internal', `The server sent a watch event of an unknown type: ${event.type}`);
    }
  }
  // The server ended the stream in good order (it closes, or the time was up): the caller watches again from where it is.
  if (!signal.aborted) throw new DroverError('unavailable', `The server ended the watch of ${kind.plural}.`);
}
