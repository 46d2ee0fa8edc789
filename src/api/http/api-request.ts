import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Identity } from '../../auth/identity.ts';
import type { ApiRequest } from './route.ts';
import { warningHeader } from './send.ts';

const EMPTY = Buffer.alloc(0);

/** Warnings beyond this many bytes together are dropped: headers have a limit at the other end too. */
const MAX_WARNING_BYTES = 4096;

/** Our view of a fastify request. The signal is made when it is first asked for: only streams need it. */
export function createApiRequest(request: FastifyRequest, identity: Identity, reply: FastifyReply, closing: AbortSignal): ApiRequest {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  let warnings: Set<string> | undefined;
  let warningBytes = 0;
  let query: URLSearchParams | undefined;
  let signal: AbortSignal | undefined;
  return {
    method: request.method,
    path: mark < 0 ? url : url.slice(0, mark),
    params: request.params as Record<string, string | undefined>,
    get query() {
      return (query ??= new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)));
    },
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : EMPTY,
    identity,
    get signal() {
      return (signal ??= streamSignal(reply, closing));
    },
    warn(text) {
      warnings ??= new Set();
      const header = warningHeader(text);
      if (warnings.has(header) || warningBytes + header.length > MAX_WARNING_BYTES) return;
      warnings.add(header);
      warningBytes += header.length;
      reply.header('warning', [...warnings]);
    },
  };
}

function streamSignal(reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  if (reply.raw.destroyed) gone.abort();
  return AbortSignal.any([gone.signal, closing]);
}
