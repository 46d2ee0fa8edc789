import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createVerbs, type OpenVerbs } from '../api/create-verbs.ts';
import { ensureNamespaces } from '../api/ensure-namespaces.ts';
import { startApiServer, type ApiServer } from '../api/http/server.ts';
import { tokenAuthenticator } from '../auth/token.ts';
import { systemClock } from '../base/clock.ts';
import { createInProcessClient } from '../client/in-process.ts';
import type { ResourceClient } from '../client/client.ts';
import { endAllTasks } from '../drivers/process/real-machine.ts';
import { openProcessDriver } from '../drivers/process/process-driver.ts';
import type { Driver } from '../drivers/driver.ts';
import { nodeKind } from '../model/core/node.ts';
import { podKind, type Container, type Pod } from '../model/core/pod.ts';
import { coreKinds } from '../model/kinds.ts';
import type { Stored } from '../model/resource.ts';
import { createScheme } from '../model/scheme.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { startAgent, type Agent } from './agent.ts';

const log = { info() {}, warn() {}, error() {} };
const TOKEN = 'agent-test';

let root: string;
let verbs: OpenVerbs;
let client: ResourceClient;
let api: ApiServer;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'drover-agent-'));
  const scheme = createScheme(coreKinds);
  verbs = await createVerbs({ store: createMemoryStore(), scheme, clock: systemClock });
  await ensureNamespaces(verbs, scheme);
  client = createInProcessClient(verbs, 'tester', scheme);
  api = await startApiServer({
    verbs,
    scheme,
    clock: systemClock,
    nodeApis: () => undefined,
    authenticate: tokenAuthenticator(TOKEN, { user: 'agent', groups: ['system:masters'] }),
    log,
    version: '0.0.0',
    listen: { host: '127.0.0.1', port: 0 },
    ready: () => Promise.resolve([]),
    metrics: () => Promise.resolve(''),
  });
});

afterAll(async () => {
  await api.close();
  await verbs.close();
  await endAllTasks(join(root, 'tasks')).catch(() => {});
  await rm(root, { recursive: true, force: true });
});

function podOf(name: string, script: string, extra: Partial<Container> = {}, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name },
    spec: {
      nodeName: 'm1',
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'main', command: ['sh', '-c', script], ...extra }],
      ...spec,
    },
  };
}

const get = (name: string) => client.get(podKind, { namespace: 'default', name });
const status = (pod: Stored<Pod>) => pod.status?.containerStatuses?.[0];
const isReady = (pod: Stored<Pod>) => status(pod)?.ready === true;

/** The pod once `test` holds of it. */
async function until(name: string, test: (pod: Stored<Pod>) => boolean): Promise<Stored<Pod>> {
  for (;;) {
    const pod = await get(name);
    if (test(pod)) return pod;
    await pause(5);
  }
}

async function untilGone(name: string): Promise<void> {
  while (await get(name).catch(() => undefined)) await pause(5);
}

async function inThisProcess(): Promise<{ driver: Driver; agent: Agent; close(): Promise<void> }> {
  const driver = await openProcessDriver({ dir: join(root, 'tasks'), clock: systemClock, log });
  const agent = await startAgent({
    nodeName: 'm1',
    client,
    driver,
    packages: { ensure: () => Promise.reject(new Error('no packages here')) },
    dir: join(root, 'agent'),
    clock: systemClock,
    log,
    address: '127.0.0.1',
  });
  return {
    driver,
    agent,
    async close() {
      await agent.close();
      await driver.close();
    },
  };
}

async function startProcess(): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('real-agent.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, api.url, TOKEN, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

const runningPid = async (name: string) => Number(await readFile(join(root, `${name}.pid`), 'utf8').catch(() => '0'));
/** Writes its pid where the test finds it, says hello, and waits. A dollar sign is written twice, as Kubernetes wants it. */
const sleeper = (name: string) => `echo $$$$ > ${root}/${name}.pid; echo "hello from $HOSTNAME"; exec sleep 1000`;

async function logOf(agent: Agent, pod: Stored<Pod>, previous: boolean): Promise<string[]> {
  const { name, uid } = pod.metadata;
  const request = { namespace: 'default', podName: name, podUid: uid, container: 'main', follow: false, previous };
  const lines: string[] = [];
  for await (const line of agent.api.podLogs(request, new AbortController().signal)) lines.push(line.text);
  return lines;
}

it('runs a real pod, restarts it when it crashes, gives its logs, and keeps those of the incarnation before', async () => {
  const { agent, close } = await inThisProcess();
  try {
    await client.create(podKind, podOf('crash', sleeper('crash')));
    const first = await until('crash', isReady);
    while (!(await runningPid('crash'))) await pause(5);
    // It runs before it speaks: killed earlier, it would leave an empty log.
    while ((await logOf(agent, first, false)).length === 0) await pause(5);
    process.kill(await runningPid('crash'), 'SIGKILL');
    const second = await until('crash', (pod) => isReady(pod) && status(pod)?.restartCount === 1);
    expect(status(second)?.lastState?.terminated).toMatchObject({ exitCode: 137, signal: 9, reason: 'Error' });
    expect(await logOf(agent, second, true)).toEqual(['hello from crash']);
    while ((await logOf(agent, second, false)).length === 0) await pause(5);
    await client.delete(podKind, { namespace: 'default', name: 'crash' });
    await untilGone('crash');
    await client.create(podKind, podOf('crash', 'echo next; exec sleep 1000'));
    const third = await until('crash', isReady);
    expect(third.metadata.uid).not.toBe(first.metadata.uid);
    expect(await logOf(agent, third, true)).toEqual(['hello from crash']);
    expect((await client.get(nodeKind, { name: 'm1' })).status?.nodeInfo?.operatingSystem).toBe('linux');
    await client.delete(podKind, { namespace: 'default', name: 'crash' });
    await untilGone('crash');
  } finally {
    await close();
  }
});

it('probes by http, tcp and exec', async () => {
  const web = createHttpServer((request, response) => {
    response.statusCode = request.url === '/well' ? 200 : request.url === '/moved' ? 302 : 503;
    if (request.url === '/moved') response.setHeader('location', '/well');
    response.end('a body that nobody reads');
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const port = (web.address() as AddressInfo).port;
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const closedPort = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  const { close } = await inThisProcess();
  const probes: [string, Container['readinessProbe'], boolean][] = [
    ['http-named', { httpGet: { port: 'web', path: '/moved' } }, true],
    ['http-ill', { httpGet: { port, path: '/ill' } }, false],
    ['tcp', { tcpSocket: { port } }, true],
    ['tcp-closed', { tcpSocket: { port: closedPort } }, false],
    ['exec', { exec: { command: ['sh', '-c', 'test -f there'] } }, true],
    ['exec-ill', { exec: { command: ['sh', '-c', 'test -f missing'] } }, false],
  ];
  try {
    for (const [name, probe] of probes) {
      await client.create(
        podKind,
        podOf(name, 'touch there; exec sleep 1000', {
          ports: [{ name: 'web', containerPort: port }],
          startupProbe: { exec: { command: ['test', '-f', 'there'] }, periodSeconds: 1 },
          readinessProbe: { ...probe, periodSeconds: 1 },
        }),
      );
    }
    for (const [name, , good] of probes) if (good) await until(name, isReady);
    for (const [name, , good] of probes)
      if (!good) expect(status(await until(name, (pod) => status(pod)?.started === true))?.ready).toBe(false);
    await Promise.all(probes.map(([name]) => client.delete(podKind, { namespace: 'default', name })));
    await Promise.all(probes.map(([name]) => untilGone(name)));
  } finally {
    await close();
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
  }
});

it('is killed with -9 and started again: what runs is adopted, what ended meanwhile is restarted, what was deleted is gone', async () => {
  let child = await startProcess();
  for (const name of ['stays', 'dies', 'leaves']) await client.create(podKind, podOf(name, sleeper(name)));
  for (const name of ['stays', 'dies', 'leaves']) await until(name, isReady);
  for (const name of ['stays', 'dies', 'leaves']) while (!(await runningPid(name))) await pause(5);
  const pids = { stays: await runningPid('stays'), dies: await runningPid('dies'), leaves: await runningPid('leaves') };
  await end(child, 'SIGKILL');
  process.kill(pids.dies, 'SIGTERM');
  await client.delete(podKind, { namespace: 'default', name: 'leaves' }, { gracePeriodSeconds: 0 });
  child = await startProcess();
  const died = await until('dies', (pod) => status(pod)?.restartCount === 1 && isReady(pod));
  expect(status(died)?.lastState?.terminated).toMatchObject({ exitCode: 143, signal: 15 });
  while (isAlive(pids.leaves)) await pause(5);
  expect(isAlive(pids.stays)).toBe(true);
  expect(status(await get('stays'))).toMatchObject({ restartCount: 0, ready: true });
  for (const name of ['stays', 'dies']) await client.delete(podKind, { namespace: 'default', name });
  for (const name of ['stays', 'dies']) await untilGone(name);
  expect(isAlive(pids.stays)).toBe(false);
  await end(child, 'SIGTERM');
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
