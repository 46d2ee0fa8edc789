import { isIP } from 'node:net';
import { DroverError } from '../base/errors.ts';

/** Where the server listens by default. */
export const DEFAULT_LISTEN = '127.0.0.1:7480';

/** Parses `host:port` (port 0: any free one). Throws `invalid`: nothing but loopback is served before there is TLS. */
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw new DroverError('invalid', `--listen '${text}' is no address; write host:port, e.g. ${DEFAULT_LISTEN}`);
  const host = match[1] ?? match[2] ?? '';
  if (!isLoopback(host)) {
    throw new DroverError(
      'invalid',
      `--listen '${text}': Drover serves loopback only until it has TLS; use 127.0.0.1:${port} and reach it through ssh -L ${port}:127.0.0.1:${port}`,
    );
  }
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}
