import type { IncomingMessage } from 'node:http';
import { DroverError } from '../../base/errors.ts';
import { faultOf } from './fault.ts';

// An import would touch every export of the module, and one of them (WebSocket) loads 80 ms of code that a short command never needs.
const { Agent, request } = process.getBuiltinModule('node:http');

/** Sends requests to one server over kept-alive connections. */
export interface Transport {
  /** A whole answer. Throws DroverErrors for everything that is no 2xx, `unavailable` when the server cannot be reached. */
  call(request: WireRequest): Promise<WireAnswer>;
  /** An answer as it comes. Ends when the server ends it or the signal aborts; throws `unavailable` when it breaks off. */
  stream(request: WireRequest & { readonly signal: AbortSignal }): AsyncIterable<Buffer>;
  /** Closes idle connections. Idempotent. */
  close(): void;
}

export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
}

export interface WireAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly text: string;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** How long a server may take for a whole answer. Streams have no limit. */
const CALL_TIMEOUT_MS = 60_000;

/** Opens no connection yet. `url` is `http://host:port`; throws `invalid` for anything else. */
export function createTransport(options: { readonly url: string; readonly token: string }): Transport {
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
  if (url?.protocol !== 'http:')
    throw new DroverError('invalid', `The server's address ${options.url} is not of the form http://host:port.`);
  const base = { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 80 : Number(url.port) };
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });

  function send(wire: WireRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = {
        authorization: `Bearer ${options.token}`,
        accept: wire.accept ?? 'application/json',
      };
      if (wire.body !== undefined) {
        headers['content-type'] = wire.contentType ?? 'application/json';
        headers['content-length'] = Buffer.byteLength(wire.body);
      }
      const outgoing = request({
        ...base,
        agent,
        method: wire.method,
        path: wire.path,
        headers,
        ...(wire.signal && { signal: wire.signal }),
      });
      let answered = false;
      outgoing.once('response', (response) => {
        answered = true;
        resolve(response);
      });
      outgoing.once('error', (error) => {
        // The server closed an idle connection just as we took it. Only a read goes over a new one: a write may have been done all the same.
        const reset = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (reset && !answered && wire.method === 'GET') return void send(wire).then(resolve, reject);
        reject(unreachable(error, options.url, wire.signal));
      });
      outgoing.end(wire.body);
    });
  }

  return {
    async call(wire) {
      const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
      const signal = wire.signal ? AbortSignal.any([wire.signal, timeout]) : timeout;
      const response = await send({ ...wire, signal });
      const text = await textOf(response).catch((error: unknown) => {
        throw unreachable(error, options.url, signal);
      });
      const code = response.statusCode ?? 0;
      if (code < 200 || code > 299) throw faultOf(code, text);
      return { code, contentType: response.headers['content-type'] ?? '', text, warnings: warningsOf(response.headers['warning']) };
    },
    async *stream(wire) {
      if (wire.signal.aborted) return;
      try {
        const response = await send(wire);
        if (response.statusCode !== 200) throw faultOf(response.statusCode ?? 0, await textOf(response));
        for await (const chunk of response) yield chunk as Buffer;
      } catch (error) {
        if (wire.signal.aborted) return;
        throw error instanceof DroverError ? error : unreachable(error, options.url, wire.signal);
      }
    },
    close: () => agent.destroy(),
  };
}

/** By events: an async iterator over the first answer costs a short command some ms more. */
function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.once('error', reject);
    response.once('close', () => reject(new Error('the answer broke off')));
  });
}

function warningsOf(header: string | string[] | undefined): readonly string[] {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  return [...text.matchAll(/299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    Buffer.from(match[1]!.replace(/\\(.)/g, '$1'), 'latin1').toString('utf8'),
  );
}

function unreachable(error: unknown, url: string, signal: AbortSignal | undefined): unknown {
  if (error instanceof DroverError) return error;
  if (signal?.aborted && (signal.reason as Error | undefined)?.name !== 'TimeoutError') return error;
  if (signal?.aborted)
    return new DroverError('timeout', `The server at ${url} did not answer within ${CALL_TIMEOUT_MS / 1000} s.`, { cause: error });
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : (message ?? String(error));
  return new DroverError('unavailable', `No Drover server can be reached at ${url}: ${why}.`, { cause: error });
}
