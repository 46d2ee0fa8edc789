import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { NodeApis } from '../../agent/node-api.ts';
import type { Authenticate, Identity } from '../../auth/identity.ts';
import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import type { Scheme } from '../../model/scheme.ts';
import type { Verbs } from '../verbs.ts';
import { groupVersions } from './api-surface.ts';
import { createApiRequest } from './api-request.ts';
import { withDefinitions } from './definition-verbs.ts';
import { discoveryRoutes } from './discovery.ts';
import { healthRoutes, type Check } from './health.ts';
import { hostCheck } from './host-check.ts';
import { openApiRoutes } from './openapi-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import { requestLabels, type RequestLabels, type RequestObserver } from './request-labels.ts';
import { objectAnswer, type ApiAnswer, type ApiRequest, type Route } from './route.ts';
import { payloadOf } from './send.ts';
import { statusOf } from './status.ts';
import { versionDocument } from './version.ts';

/** What the server needs of its process. */
export interface ApiServerOptions {
  readonly verbs: Verbs;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly nodeApis: NodeApis;
  readonly authenticate: Authenticate;
  readonly log: ApiLog;
  /** Drover's own version. */
  readonly version: string;
  /** A loopback address; port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** More rows for the route table (a dialect, the console). */
  readonly extraRoutes?: readonly Route[];
  /** The sub-checks of `/readyz`. */
  readonly ready: () => Promise<readonly Check[]>;
  /** Hears of every request; absent: nobody. */
  readonly observer?: RequestObserver;
  /** The text of `/metrics`. */
  readonly metrics: () => Promise<string>;
}

/** The part of a logger that the server uses; pino's fits. */
export interface ApiLog {
  error(fields: object, message: string): void;
}

/** A running server. */
export interface ApiServer {
  /** `http://127.0.0.1:7480` */
  readonly url: string;
  readonly port: number;
  /** Streams end cleanly, requests under way finish (at most {@link CLOSE_MS}), then the port is free. Idempotent. */
  close(): Promise<void>;
}

/** Requests may be a little larger than the largest object (1 MiB): patches, and JSON with much white space. As kube-apiserver. */
export const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/** How long requests under way may take when the server closes. */
export const CLOSE_MS = 10_000;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Starts the HTTP front of the resource API. Throws `unavailable` when the address cannot be listened on. */
export async function startApiServer(given: ApiServerOptions): Promise<ApiServer> {
  const options = { ...given, ...withDefinitions(given.verbs, given.scheme, given.clock) };
  const closing = new AbortController();
  let hostAllowed: ReturnType<typeof hostCheck> = () => false;
  let address = '';
  const app = fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1024, querystringParser: () => ({}) },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply, options.log),
    keepAliveTimeout: 75_000,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.decorateRequest('identity', undefined);
  app.decorateReply('streamed', false);

  // Not an async hook: it runs before every request and waits for nothing.
  app.addHook('onRequest', (request, reply, done) => {
    if (!hostAllowed(request.headers.host)) {
      const text = `misdirected request: this server answers to ${address} and localhost only, not to ${JSON.stringify(request.headers.host ?? '')}\n`;
      void reply.code(421).type('text/plain; charset=utf-8').send(text);
      return;
    }
    const identity = options.authenticate(request.headers.authorization);
    if (!identity) return done(new DroverError('unauthorized', 'Unauthorized'));
    (request as Authenticated).identity = identity;
    if (closing.signal.aborted) reply.header('connection', 'close');
    done();
  });
  if (options.observer) countAnswers(app, options.observer);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, options.log));

  for (const route of withAllMethods(routeTable(options, () => address))) {
    const labels = requestLabels(route);
    app.route({
      method: route.method,
      url: route.path,
      config: { labels },
      handler: (request, reply) =>
        serve(route, request, reply, closing.signal, options.log, options.observer && { observer: options.observer, labels }),
    });
  }
  const groups = groupVersions(options.scheme).map((gv) => (gv.group === '' ? '/api' : `/apis/${gv.group}`));
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    if (!groups.some((group) => path === group || path.startsWith(`${group}/`))) {
      return reply.code(404).type('text/plain; charset=utf-8').send('404 page not found\n');
    }
    return sendError(
      new DroverError('not-found', 'the server could not find the requested resource', { about: {} }),
      request,
      reply,
      options.log,
    );
  });

  const { host } = options.listen;
  await listen(app, host, options.listen.port);
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound ? bound.port : options.listen.port;
  address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  hostAllowed = hostCheck(host, port);
  app.server.on('connection', (socket) => socket.setKeepAlive(true, 30_000));
  let closed: Promise<void> | undefined;
  return {
    url: `http://${address}`,
    port,
    close: () => (closed ??= close(app, closing, options.clock)),
  };
}

function routeTable(options: ApiServerOptions, address: () => string): readonly Route[] {
  const version = versionDocument(options.version);
  return [
    ...discoveryRoutes(options.scheme, address),
    ...openApiRoutes(options.scheme, options.version),
    ...healthRoutes(options.ready),
    { method: 'GET', path: '/version', handle: () => objectAnswer(version) },
    {
      method: 'GET',
      path: '/metrics',
      handle: async () => ({
        type: 'text',
        code: 200,
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
        text: await options.metrics(),
      }),
    },
    { method: 'GET', path: '/', handle: () => objectAnswer({ paths: groupVersions(options.scheme).map((gv) => gv.path) }) },
    ...resourceRoutes(options),
    ...(options.extraRoutes ?? []),
  ];
}

/** Every path answers every method: those it does not have with a 405. */
function withAllMethods(table: readonly Route[]): readonly Route[] {
  const methods = new Map<string, Set<string>>();
  for (const route of table) methods.set(route.path, (methods.get(route.path) ?? new Set()).add(route.method));
  const missing = [...methods].flatMap(([path, had]) =>
    METHODS.filter((method) => !had.has(method)).map((method) => ({ method, path, handle: notAllowed })),
  );
  return [...table, ...missing];
}

function notAllowed(): never {
  throw new DroverError('method-not-allowed', 'the server does not allow this method on the requested resource', { about: {} });
}

type Authenticated = FastifyRequest & { identity: Identity };

/** Counts answers when they have ended, streams too. */
function countAnswers(app: FastifyInstance, observer: RequestObserver): void {
  app.addHook('onResponse', (request, reply, done) => {
    const labels = (request.routeOptions.config as { labels?: RequestLabels }).labels;
    const { verb, resource, stream: streamVerb } = labels ?? { verb: request.method.toLowerCase(), resource: '', stream: '' };
    const streamed = (reply as FastifyReply & { streamed: boolean }).streamed;
    observer.request({ verb: streamed ? streamVerb : verb, resource, code: reply.raw.statusCode, durationMs: reply.elapsedTime });
    done();
  });
}

interface StreamCount {
  readonly observer: RequestObserver;
  readonly labels: RequestLabels;
}

async function serve(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  closing: AbortSignal,
  log: ApiLog,
  count: StreamCount | undefined,
): Promise<unknown> {
  const apiRequest = createApiRequest(request, (request as Authenticated).identity, reply, closing);
  const answer = await route.handle(apiRequest);
  return answer.type === 'stream' ? stream(answer, apiRequest, reply, log, count) : send(answer, apiRequest, reply);
}

async function send(answer: Exclude<ApiAnswer, { type: 'stream' }>, request: ApiRequest, reply: FastifyReply): Promise<unknown> {
  const payload = await payloadOf(answer, request);
  // Bytes, since fastify adds a charset to the type of texts, and kube-apiserver has none on JSON.
  return reply.code(payload.code).headers(payload.headers).send(Buffer.from(payload.text, 'utf8'));
}

async function stream(
  answer: Extract<ApiAnswer, { type: 'stream' }>,
  request: ApiRequest,
  reply: FastifyReply,
  log: ApiLog,
  count: StreamCount | undefined,
): Promise<unknown> {
  reply.hijack();
  (reply as FastifyReply & { streamed: boolean }).streamed = true;
  const ended = count?.labels.stream === 'watch' ? count.observer.watchBegan(count.labels.resource) : undefined;
  const response = reply.raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) response.setHeader(name, value);
  response.writeHead(200, { 'content-type': answer.contentType, 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  try {
    await answer.write(response, request.signal);
    response.end();
  } catch (error) {
    // The headers are out: a broken chunked body is the only way left to say that it is incomplete.
    log.error({ err: error, path: request.path }, 'stream failed');
    response.destroy();
  } finally {
    ended?.();
  }
  return undefined;
}

async function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: ApiLog): Promise<unknown> {
  const fault = fromFramework(error);
  const status = statusOf(fault);
  if (status.code >= 500 && !(fault instanceof DroverError))
    log.error({ err: fault, method: request.method, path: pathOf(request) }, 'request failed');
  if (fault instanceof DroverError && fault.retryAfterSeconds !== undefined) reply.header('retry-after', String(fault.retryAfterSeconds));
  const query = new URLSearchParams(request.raw.url?.split('?')[1] ?? '');
  return send({ type: 'object', code: status.code, body: status }, { query, headers: request.headers } as ApiRequest, reply);
}

/** Faults that fastify itself found, by their HTTP status. */
function fromFramework(error: unknown): unknown {
  if (error instanceof DroverError || !(error instanceof Error) || !('statusCode' in error)) return error;
  switch (error.statusCode) {
    case 413:
      return new DroverError('too-large', `Request entity too large: limit is ${BODY_LIMIT_BYTES}`, { about: {} });
    case 415:
      return new DroverError(
        'unsupported-media-type',
        'the body of the request was in an unknown format - the Content-Type is not a media type',
      );
    case 400:
    case 414:
      return new DroverError('bad-request', error.message);
    default:
      return error;
  }
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'another program listens there' : (error as Error).message;
    throw new DroverError('unavailable', `Cannot listen on ${host}:${port}: ${why}. Choose another with --listen.`, { cause: error });
  }
}

async function close(app: FastifyInstance, closing: AbortController, clock: Clock): Promise<void> {
  closing.abort();
  const cancel = clock.after(CLOSE_MS, () => app.server.closeAllConnections());
  await app.close();
  cancel();
}

function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '/').split('?')[0]!;
}
