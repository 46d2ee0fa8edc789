import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiVersionOf, type Kind } from '../../src/model/kind.ts';
import { almostObject, nastyBodies, nastyHeaders, nastyQueries } from './nasty.ts';
import { send, type Received, type Sent } from './send.ts';
import { startTestServer, testScheme, type TestServer } from './server.ts';

/** One endpoint that takes a body. */
interface Endpoint {
  readonly kind: Kind;
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
}

/** From so many characters on a body is tried on some endpoints only. */
const LARGE = 20_000;
const PATCHES = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'];

const endpoints: readonly Endpoint[] = testScheme.kinds.flatMap((kind): Endpoint[] => {
  const base = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const all = `${base}${kind.namespaced ? '/namespaces/default' : ''}/${kind.plural}`;
  const one = `${all}/${kind.plural === 'namespaces' ? 'fuzzed' : 'x'}`;
  return [
    { kind, method: 'POST', path: all },
    { kind, method: 'PUT', path: one },
    { kind, method: 'PATCH', path: one },
    ...(kind.hasStatus
      ? ([
          { kind, method: 'PUT', path: `${one}/status` },
          { kind, method: 'PATCH', path: `${one}/status` },
        ] as const)
      : []),
    { kind, method: 'DELETE', path: one },
    ...(kind.namespaced ? ([{ kind, method: 'DELETE', path: all }] as const) : []),
  ];
});

describe('whatever is sent to an endpoint that writes', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    await send(server, {
      method: 'POST',
      path: '/api/v1/namespaces',
      body: '{"metadata":{"name":"fuzzed"}}',
      headers: { 'content-type': 'application/json' },
    });
  });
  afterAll(() => server.close());

  async function ask(sent: Sent): Promise<Received> {
    const answer = await send(server, sent);
    if (answer.code >= 500 || answer.code < 200) {
      throw new Error(
        `${sent.method} ${sent.path} -> ${answer.code}\n${answer.text}\n${String(sent.body).slice(0, 300)}\n${server.faults.join('\n')}`,
      );
    }
    return answer;
  }

  async function stillHealthy(): Promise<void> {
    const { code, text } = await send(server, { method: 'GET', path: '/readyz' });
    expect([code, text]).toEqual([200, 'ok']);
    expect(server.faults).toEqual([]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  }

  const typesOf = (method: string): readonly string[] => (method === 'PATCH' ? PATCHES : ['application/json', 'application/yaml']);

  async function refuses({ method, path }: Endpoint, body: string | Buffer, type: string): Promise<void> {
    const answer = await ask({ method, path, body, headers: { 'content-type': type } });
    if (answer.code >= 400) expect(JSON.parse(answer.text)).toMatchObject({ kind: 'Status', code: answer.code });
  }

  for (const endpoint of endpoints) {
    it(`${endpoint.method} ${endpoint.path} stands every nasty body`, async () => {
      for (const [index, body] of nastyBodies.filter((one) => one.length < LARGE).entries()) {
        const types = typesOf(endpoint.method);
        await refuses(endpoint, body, types[index % types.length]!);
      }
      await stillHealthy();
    });
  }

  for (const endpoint of endpoints.filter(({ kind }) => kind.plural === 'configmaps' || kind.plural === 'managedservices')) {
    it(`${endpoint.method} ${endpoint.path} stands large nasty bodies of every type`, async () => {
      for (const body of nastyBodies.filter((one) => one.length >= LARGE)) {
        for (const type of typesOf(endpoint.method)) await refuses(endpoint, body, type);
      }
      await stillHealthy();
    });
  }

  it('headers and query strings of any sort break nothing', async () => {
    for (const { kind, method, path } of endpoints.filter((_, index) => index % 5 === 0)) {
      const body = JSON.stringify({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: 'x' } });
      for (const headers of nastyHeaders) await ask({ method, path, headers, body });
      for (const query of nastyQueries)
        await ask({ method, path: `${path}?${query}`, headers: { 'content-type': 'application/json' }, body });
    }
    await stillHealthy();
  });

  it('reads with any query break nothing either', async () => {
    for (const kind of testScheme.kinds) {
      const base = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
      for (const query of nastyQueries) {
        // A version that is far in the future is 504 by convention: not reached yet.
        if (query.startsWith('resourceVersion=999')) continue;
        await ask({ method: 'GET', path: `${base}/${kind.plural}?${query}` });
      }
    }
    await stillHealthy();
  });

  it('paths of any sort break nothing', async () => {
    const segment = fc.oneof(
      fc.constantFrom(
        'api',
        'apis',
        'v1',
        'namespaces',
        'default',
        'pods',
        '..',
        '.',
        '%2f',
        '%00',
        '%ff',
        '__proto__',
        'log',
        'status',
        'a'.repeat(300),
      ),
      fc.webSegment(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 8 }),
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
        async (segments, method) => {
          const path = `/${segments.join('/')}`;
          // Deleting real collections by chance is not what is tested here.
          if (method === 'DELETE' && !path.includes('%')) return;
          await ask({ method, path, ...(method !== 'GET' && { body: '{}', headers: { 'content-type': 'application/json' } }) });
        },
      ),
      { numRuns: 300 },
    );
    await stillHealthy();
  });

  it('objects with wrong types anywhere are 4xx, or taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...endpoints),
        almostObject,
        almostObject,
        almostObject,
        async ({ kind, method, path }, metadata, spec, rest) => {
          const named =
            typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? { name: 'x', ...metadata } : metadata;
          const more = typeof rest === 'object' && rest !== null && !Array.isArray(rest) ? rest : {};
          const body = JSON.stringify({ ...more, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: named, spec, status: rest });
          const types = method === 'PATCH' ? PATCHES.slice(1) : ['application/json'];
          for (const type of types) await ask({ method, path, body, headers: { 'content-type': type } });
        },
      ),
      { numRuns: 600 },
    );
    await stillHealthy();
  });

  it('a body that never ends, and one that is cut off, leave nothing behind', async () => {
    const { connect } = await import('node:net');
    const head = `POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n`;
    for (const rest of [
      'Content-Length: 1000\r\n\r\n{"a":',
      'Transfer-Encoding: chunked\r\n\r\nZZZ\r\n',
      'Content-Length: -1\r\n\r\n',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
      '\u0000\r\n\r\n',
    ]) {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.write(head + rest, () => resolve()));
      socket.destroy();
    }
    await stillHealthy();
  });
});
