import { DroverError } from '../base/errors.ts';
import type { ResourceClient } from '../client/client.ts';
import { createHttpClient } from '../client/http/http-client.ts';
import { linesOf } from '../client/http/lines.ts';
import { createTransport } from '../client/http/transport.ts';
import type { Machine } from './machine.ts';

// Not as an import: that would load all of fs, with its streams, 10 ms of a short command.
const { readFileSync } = process.getBuiltinModule('node:fs');

/** A way to the server: typed resources, and plain requests for what has no type (tables, discovery, logs). */
export interface Connection {
  readonly url: string;
  readonly token: string;
  readonly client: ResourceClient;
  /** GETs a path as JSON. Faults are DroverErrors. */
  json<T>(path: string, options: { accept?: string; signal: AbortSignal }): Promise<T>;
  /** GETs a path as lines, as they come. */
  lines(path: string, options: { accept?: string; signal: AbortSignal }): AsyncIterable<string>;
}

/** Connects to the server that serves this home; nothing is sent yet. Throws `unavailable` when none ever did. */
export function connect(machine: Machine): Connection {
  const record = machine.recordedServer();
  if (record === undefined) {
    throw new DroverError('unavailable', `no server runs for ${machine.home}; start one with 'drover server' (or see 'drover demo kafka')`);
  }
  let token: string;
  try {
    token = readFileSync(machine.tokenFile, 'utf8').trim();
  } catch (error) {
    throw new DroverError('unavailable', `cannot read the token ${machine.tokenFile}: ${(error as Error).message}`, { cause: error });
  }
  const server = { url: record.url, token };
  const transport = createTransport(server);
  return {
    ...server,
    client: createHttpClient(server),
    async json<T>(path: string, options: { accept?: string; signal: AbortSignal }) {
      const answer = await transport.call({ method: 'GET', path, ...options });
      return JSON.parse(answer.text) as T;
    },
    lines: (path, options) => linesOf(transport.stream({ method: 'GET', path, ...options })),
  };
}
