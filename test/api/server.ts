import type { NodeApis } from '../../src/agent/node-api.ts';
import { createVerbs } from '../../src/api/create-verbs.ts';
import { startApiServer, type ApiLog, type ApiServer } from '../../src/api/http/server.ts';
import { tokenAuthenticator } from '../../src/auth/token.ts';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import type { Kind } from '../../src/model/kind.ts';
import { coreKinds } from '../../src/model/kinds.ts';
import { createScheme } from '../../src/model/scheme.ts';
import { kafkaKind } from '../../src/operators/kafka/kind.ts';
import { createMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Store } from '../../src/store/store.ts';

/** What a test may choose; absent: a memory store of its own, the machine's clock, no nodes, any free port. */
export interface TestServerOptions {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly nodeApis?: NodeApis;
  readonly port?: number;
  readonly log?: ApiLog;
}

/** A whole resource API on a loopback port. */
export interface TestServer extends ApiServer {
  readonly token: string;
  /** What the server logged as its own faults: a test that ends well leaves it empty. */
  readonly faults: readonly string[];
}

export const TEST_TOKEN = 'test-token';

export const testScheme = createScheme([...coreKinds, kafkaKind as unknown as Kind]);

/** Starts the resource API as the server process does, without anything else of it. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { store = createMemoryStore(), clock = systemClock } = options;
  const faults: string[] = [];
  const log: ApiLog = options.log ?? {
    error: (fields, message) =>
      faults.push(`${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? value.stack : value))}`),
  };
  const verbs = await createVerbs({ store, scheme: testScheme, clock });
  const server = await startApiServer({
    verbs,
    scheme: testScheme,
    clock,
    nodeApis: options.nodeApis ?? (() => undefined),
    authenticate: tokenAuthenticator(TEST_TOKEN, { user: 'admin', groups: ['system:masters'] }),
    log,
    version: '0.1.0',
    listen: { host: '127.0.0.1', port: options.port ?? 0 },
    ready: () => Promise.resolve([{ name: 'store', ok: true }]),
    metrics: () => Promise.resolve('drover_up 1\n'),
  });
  return {
    ...server,
    token: TEST_TOKEN,
    faults,
    async close() {
      await server.close();
      await verbs.close();
      if (!options.store) await store.close();
    },
  };
}
