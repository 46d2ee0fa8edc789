// A test's harness may know the fake driver; nothing of the program imports it.
/* oxlint-disable no-restricted-imports */
import { FakeClock } from '../base/fake-clock.ts';
import { DroverError } from '../base/errors.ts';
import type { ResourceClient } from '../client/client.ts';
import { FakeClient } from '../client/fake-client.ts';
import type { AgentFiles } from './agent-files.ts';
import { createFakeDriver } from '../drivers/fake/fake-driver.ts';
import { createFakeMachine, type FakeMachine } from '../drivers/fake/fake-machine.ts';
import type { Program } from '../drivers/program.ts';
import { podKind, type Container, type Pod } from '../model/core/pod.ts';
import type { Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { startAgent, type Agent } from './agent.ts';
import { memoryFiles, type MemoryFiles } from './memory-files.ts';
import type { NodeFacts } from './node-facts.ts';
import type { Driver, LogLine } from '../drivers/driver.ts';
import type { PackageCache } from './package-cache.ts';
import type { ProbeRunner } from './probe-runner.ts';

const facts: NodeFacts = {
  hostname: 'm1',
  cpus: 2,
  memoryBytes: 8 * 2 ** 30,
  memoryAvailableBytes: 4 * 2 ** 30,
  diskBytes: 2 ** 40,
  diskAvailableBytes: 2 ** 39,
  bootId: 'boot',
  machineId: 'machine',
  kernelVersion: '6.1',
  osImage: 'Debian',
  operatingSystem: 'linux',
  architecture: 'amd64',
};

/** An agent on a fake machine and a fake API, with a clock that the test moves. */
export interface World {
  clock: FakeClock;
  client: FakeClient;
  machine: FakeMachine;
  files: MemoryFiles;
  agent: Agent;
  /** The fuse has blown: the agent can do nothing any more. */
  readonly dead: boolean;
  events: string[];
  probes: Map<string, boolean>;
  packages: { fetch: PackageCache['ensure'] };
  /** As kill -9 and a new start: the old agent has no effect from now on. */
  restart(): Promise<void>;
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** As advance, without waiting for the agent to come to rest: for what never does. */
  pump(ms: number): Promise<void>;
  pod(name: string): Promise<Stored<Pod>>;
  writes(): string[];
}

export interface WorldOptions {
  readonly program?: Program;
  readonly stopDelayMs?: [number, number];
  readonly fuse?: Fuse;
}

/** Kills the agent at one moment: each effect has one before it happens and one after, counted down to 0. */
export interface Fuse {
  left: number;
}

interface Life {
  dead: boolean;
}

/** A world with nothing in it. */
export async function newWorld(options: WorldOptions = {}): Promise<World> {
  const clock = new FakeClock();
  const client = new FakeClient(clock);
  const machine = createFakeMachine({
    clock,
    ...(options.program && { program: () => options.program! }),
    ...(options.stopDelayMs && { stopDelayMs: options.stopDelayMs }),
  });
  const events: string[] = [];
  const probes = new Map<string, boolean>();
  const packages = { fetch: (async () => '/packages/kafka') as PackageCache['ensure'] };
  const files = memoryFiles();
  const run: ProbeRunner = async ({ probe }) => {
    const good = probes.get(probe.exec?.command[0] ?? '') ?? true;
    return good ? { result: 'success', message: '' } : { result: 'failure', message: 'it is ill' };
  };
  let life: Life = { dead: false };
  const start = () => {
    const own = life;
    return startAgent({
      nodeName: 'm1',
      client: mortalClient(client, own, options.fuse),
      driver: mortalDriver(createFakeDriver(machine), own, options.fuse),
      packages: { ensure: (...call) => packages.fetch(...call) },
      dir: '/agent',
      clock,
      log: { info() {}, warn() {}, error() {} },
      address: '127.0.0.1',
      facts: async () => facts,
      files: mortalFiles(files, own, options.fuse),
      probes: run,
      env: { PATH: '/bin' },
      events: { event: (_about, type, { code, message }: Reason) => events.push(`${type} ${code}: ${message}`) },
    });
  };
  const made: World = {
    clock,
    client,
    machine,
    files,
    events,
    probes,
    packages,
    agent: undefined as unknown as Agent,
    get dead() {
      return life.dead;
    },
    async restart() {
      life.dead = true;
      await made.agent?.close();
      for (;;) {
        life = { dead: false };
        try {
          made.agent = await start();
          break;
        } catch (error) {
          if (!life.dead) throw error;
        }
      }
      await made.settle();
    },
    settle: async () => {
      if (!life.dead) await made.agent.settled();
    },
    async advance(ms) {
      const end = clock.now() + ms;
      for (;;) {
        await made.settle();
        const next = clock.nextTimerAtMs();
        if (next === undefined || next > end) break;
        clock.advance(Math.max(0, next - clock.now()));
      }
      clock.advance(end - clock.now());
      await made.settle();
    },
    async pump(ms) {
      const end = clock.now() + ms;
      while (clock.now() < end) {
        clock.advance(Math.min(50, end - clock.now()));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    pod: (name) => client.get(podKind, { namespace: 'default', name }),
    writes: () => client.requests.filter((request) => !/^(get|list|watch) /.test(request) && !/ (leases|nodes|namespaces) /.test(request)),
  };
  await made.restart();
  return made;
}

async function effect<T>(life: Life, fuse: Fuse | undefined, call: () => Promise<T>): Promise<T> {
  burn(life, fuse);
  const answer = await call();
  burn(life, fuse);
  return answer;
}

function burn(life: Life, fuse: Fuse | undefined): void {
  if (!life.dead && fuse && fuse.left-- === 0) life.dead = true;
  if (life.dead) throw new DroverError('unavailable', 'The agent was killed.');
}

function mortalClient(client: FakeClient, life: Life, fuse: Fuse | undefined): ResourceClient {
  const may = () => burn(life, undefined);
  return {
    get: async (kind, key) => (may(), client.get(kind as never, key)),
    list: async (kind, query) => (may(), client.list(kind as never, query)),
    watch: (kind, query) => (may(), client.watch(kind as never, query)),
    create: (kind, object, write) => effect(life, fuse, () => client.create(kind as never, object, write)),
    update: (kind, object, write) => effect(life, fuse, () => client.update(kind as never, object, write)),
    updateStatus: (kind, object, write) => effect(life, fuse, () => client.updateStatus(kind as never, object, write)),
    patch: (kind, key, patch, write) => effect(life, fuse, () => client.patch(kind as never, key, patch, write)),
    delete: (kind, key, write) => effect(life, fuse, () => client.delete(kind as never, key, write)),
  };
}

function mortalDriver(driver: Driver, life: Life, fuse: Fuse | undefined): Driver {
  return {
    ...driver,
    start: (config) => effect(life, fuse, () => driver.start(config)),
    stop: (id, graceMs) => effect(life, fuse, () => driver.stop(id, graceMs)),
    list: () => effect(life, fuse, () => driver.list()),
    remove: (id) => effect(life, fuse, () => driver.remove(id)),
  };
}

function mortalFiles(files: AgentFiles, life: Life, fuse: Fuse | undefined): AgentFiles {
  return {
    ...files,
    writeText: (path, text) => effect(life, fuse, () => files.writeText(path, text)),
    makeDirectory: (path) => effect(life, fuse, () => files.makeDirectory(path)),
    remove: (path) => effect(life, fuse, () => files.remove(path)),
  };
}

/** A pod of machine m1 with one container, `main`. */
export function podOf(name: string, extra: Partial<Container> = {}, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name },
    spec: { nodeName: 'm1', containers: [{ name: 'main', command: ['run'], ...extra }], ...spec },
  };
}

/** Creates a pod and waits until the agent has done what it can. */
export async function create(w: World, pod: Pod): Promise<Stored<Pod>> {
  const stored = await w.client.create(podKind, pod);
  await w.settle();
  return stored;
}

async function text(lines: AsyncIterable<LogLine>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line.text);
  return all;
}

/** The log of a container. */
export function logs(w: World, pod: Stored<Pod>, extra: { previous?: boolean; container?: string } = {}): Promise<string[]> {
  const { name, uid } = pod.metadata;
  const request = { namespace: 'default', podName: name, podUid: uid, container: 'main', follow: false, previous: false, ...extra };
  return text(w.agent.api.podLogs(request, new AbortController().signal));
}

/** The status of a pod's first (or i-th) container. */
export const state = (pod: Stored<Pod>, i = 0) => pod.status?.containerStatuses?.[i];
/** Status of the condition Ready. */
export const ready = (pod: Stored<Pod>) => pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.status;

/** Deletes a pod and waits until the agent has done what it can. */
export async function removePod(w: World, name: string, gracePeriodSeconds?: number): Promise<void> {
  await w.client.delete(podKind, { namespace: 'default', name }, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
  await w.settle();
}

/** All tasks on the machine, as `attempt phase`. */
export function attempts(w: World): string[] {
  return w.machine.tasks().map((task) => `${task.config.id.split('/').at(-1)} ${task.state.phase}`);
}
