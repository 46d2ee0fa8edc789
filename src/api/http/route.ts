import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Identity } from '../../auth/identity.ts';

/** What a handler gets of one authenticated request. */
export interface ApiRequest {
  readonly method: string;
  /** Path without the query, as it came. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Empty when the request has none. At most the server's body limit. */
  readonly body: Buffer;
  readonly identity: Identity;
  /** Aborts when the client leaves; for streams also when the server closes. */
  readonly signal: AbortSignal;
  /** Adds a `Warning: 299` header to the answer. */
  warn(text: string): void;
}

/**
 * What a handler answers. `object` is written as JSON or YAML as the client prefers; `json` is a JSON text written as it is; `stream` takes over
 * the response once the headers are out, and resolves when it is done (the server ends the response then).
 */
export type ApiAnswer =
  | { readonly type: 'object'; readonly code: number; readonly body: object; readonly format?: 'json' | 'yaml' }
  | {
      readonly type: 'text';
      readonly code: number;
      readonly contentType: string;
      readonly text: string;
      readonly headers?: Record<string, string>;
    }
  | {
      readonly type: 'stream';
      readonly contentType: string;
      readonly write: (response: ServerResponse, signal: AbortSignal) => Promise<void>;
    };

/** One row of the route table. Paths are as fastify writes them: `/api/v1/namespaces/:namespace/pods/:name`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  handle(request: ApiRequest): Promise<ApiAnswer> | ApiAnswer;
}

/** A JSON or YAML answer. */
export function objectAnswer(body: object, code = 200, format?: 'json' | 'yaml'): ApiAnswer {
  return { type: 'object', code, body, ...(format && { format }) };
}

/** A plain text answer. */
export function textAnswer(text: string, code = 200): ApiAnswer {
  return { type: 'text', code, contentType: 'text/plain; charset=utf-8', text };
}
