import { startAgent } from '../agent/agent.ts';
import { createPackageCache } from '../agent/packages/create-package-cache.ts';
import { createVerbs } from '../api/create-verbs.ts';
import { startApiServer } from '../api/http/server.ts';
import { ensureToken } from '../auth/token-file.ts';
import { tokenAuthenticator } from '../auth/token.ts';
import { systemClock, toTime } from '../base/clock.ts';
import { createInProcessClient } from '../client/in-process.ts';
import { startControllers } from '../control/runtime.ts';
import { openProcessDriver } from '../drivers/process/process-driver.ts';
import { createScheme } from '../model/scheme.ts';
import { coreKinds } from '../model/kinds.ts';
import { createEventRecorder } from '../observe/event-recorder.ts';
import type { Log } from '../observe/log.ts';
import { createMetrics } from '../observe/metrics.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { startCompaction } from './compaction.ts';
import { createControllers } from './controllers.ts';
import type { Home } from './home.ts';
import { createOperators } from './operators.ts';
import { keptNodeName } from './node-name.ts';
import { programVersion } from './program-version.ts';
import { removeServerRecord, writeServerRecord } from './server-record.ts';

export interface ServerOptions {
  /** Locked by the caller. */
  readonly home: Home;
  readonly listen: { readonly host: string; readonly port: number };
  readonly log: Log;
}

export interface Server {
  readonly url: string;
  /** Ends in the order of dependence: nobody loses what it still needs. Tasks go on. Idempotent. */
  close(): Promise<void>;
}

/** The address that tasks bind and advertise: everything is on this machine. */
const ADDRESS = '127.0.0.1';

/**
 * Puts a whole Drover together in this process: store, API, controllers and the agent of this machine. The only place that names concrete stores,
 * drivers and operators. Resolves when it serves.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { home, log } = options;
  const clock = systemClock;
  const version = programVersion();
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const token = await ensureToken(home.token);
    const store = await openSqliteStore({ path: home.database, log });
    closers.push(() => store.close());
    closers.push(startCompaction({ store, clock, log }));
    const operators = createOperators(() => clientAs('system:drover:operators'));
    const scheme = createScheme([...coreKinds, ...operators.map((operator) => operator.kind)]);
    const verbs = await createVerbs({ store, scheme, clock, fault: (error) => log.error({ error }, 'the store cannot be read') });
    closers.push(() => verbs.close());
    const clientAs = (actor: string) => createInProcessClient(verbs, actor, scheme);
    const nodeName = keptNodeName(home);

    const driver = await openProcessDriver({ dir: home.tasks, clock, log });
    closers.push(() => driver.close());
    const agentEvents = createEventRecorder({
      client: clientAs('system:drover:events'),
      clock,
      log,
      component: 'drover-agent',
      host: nodeName,
    });
    closers.push(() => agentEvents.close());
    const agent = await startAgent({
      nodeName,
      client: clientAs(`system:node:${nodeName}`),
      driver,
      packages: createPackageCache({ dir: home.packages, log, clock }),
      dir: home.agent,
      clock,
      log,
      address: ADDRESS,
      version,
      events: agentEvents,
    });
    closers.push(() => agent.close());

    const runtime = await startControllers({
      client: clientAs('system:drover'),
      clock,
      log,
      controllers: createControllers(scheme, operators),
    });
    closers.push(() => runtime.close());
    const metrics = createMetrics();
    metrics.showControllers(() => runtime.metrics());
    metrics.showStore(() => ({ revision: store.revision(), compactedRevision: store.compactedRevision() }));

    const api = await startApiServer({
      verbs,
      scheme,
      clock,
      nodeApis: (name) => (name === nodeName ? agent.api : undefined),
      authenticate: tokenAuthenticator(token, { user: 'admin', groups: ['system:masters'] }),
      log,
      version,
      listen: options.listen,
      ready: () => Promise.resolve([{ name: 'store', ok: true }]),
      observer: metrics,
      metrics: () => metrics.render(),
    });
    closers.push(() => api.close());
    writeServerRecord(home, { pid: process.pid, url: api.url, version, startedAt: toTime(clock.now()) });
    closers.push(() => removeServerRecord(home));
    log.info({ url: api.url, home: home.dir, node: nodeName, version }, 'the server is ready');
    return { url: api.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}
