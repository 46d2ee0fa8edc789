// A test's harness may know the fake driver; nothing of the program imports it.
/* oxlint-disable no-restricted-imports */
import { FakeClock } from '../base/fake-clock.ts';
import { FakeClient } from '../client/fake-client.ts';
import { createFakeDriver } from '../drivers/fake/fake-driver.ts';
import { createFakeMachine, type FakeMachine } from '../drivers/fake/fake-machine.ts';
import type { Program } from '../drivers/program.ts';
import { podKind, type Container, type Pod } from '../model/core/pod.ts';
import type { Kind } from '../model/kind.ts';
import type { Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { startAgent, type Agent } from './agent.ts';
import { memoryFiles, type MemoryFiles } from './memory-files.ts';
import type { NodeFacts } from './node-facts.ts';
import type { LogLine } from '../drivers/driver.ts';
import type { PackageCache } from './package-cache.ts';
import type { ProbeRunner } from './probe-runner.ts';

/** Pods as the API has them: selectable by node, with a grace period. */
export const pods: Kind<Pod> = {
  ...podKind,
  selectableFields: (pod) => ({ 'spec.nodeName': pod.spec.nodeName ?? '' }),
  gracefulDeletionSeconds: (pod) => pod.spec.terminationGracePeriodSeconds ?? 30,
};

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
  events: string[];
  probes: Map<string, boolean>;
  packages: { fetch: PackageCache['ensure'] };
  restart(): Promise<void>;
  settle(): Promise<void>;
  advance(ms: number): Promise<void>;
  pod(name: string): Promise<Stored<Pod>>;
  writes(): string[];
}

/** A world with nothing in it. */
export async function newWorld(options: { program?: Program; stopDelayMs?: [number, number] } = {}): Promise<World> {
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
  const start = () =>
    startAgent({
      nodeName: 'm1',
      client: {
        get: (kind, key) => client.get(kind as Kind, key) as never,
        list: (kind, query) => client.list((kind.kind === 'Pod' ? pods : kind) as Kind, query) as never,
        watch: (kind, query) => client.watch((kind.kind === 'Pod' ? pods : kind) as Kind, query) as never,
        create: (kind, object, write) => client.create(kind as Kind, object, write) as never,
        update: (kind, object, write) => client.update(kind as Kind, object, write) as never,
        updateStatus: (kind, object, write) => client.updateStatus(kind as Kind, object, write) as never,
        patch: (kind, key, patch, write) => client.patch(kind as Kind, key, patch, write) as never,
        delete: (kind, key, write) => client.delete(kind as Kind, key, write) as never,
      },
      driver: createFakeDriver(machine),
      packages: { ensure: (...call) => packages.fetch(...call) },
      dir: '/agent',
      clock,
      log: { info() {}, warn() {}, error() {} },
      address: '127.0.0.1',
      facts: async () => facts,
      files,
      probes: run,
      env: { PATH: '/bin' },
      events: { event: (_about, type, { code, message }: Reason) => events.push(`${type} ${code}: ${message}`) },
    });
  const made: World = {
    clock,
    client,
    machine,
    files,
    events,
    probes,
    packages,
    agent: await start(),
    async restart() {
      await made.agent.close();
      made.agent = await start();
      await made.settle();
    },
    settle: () => made.agent.settled(),
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
    pod: (name) => client.get(pods, { namespace: 'default', name }),
    writes: () => client.requests.filter((request) => !/^(get|list|watch) /.test(request) && !/ (leases|nodes|namespaces) /.test(request)),
  };
  await made.settle();
  return made;
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
  const stored = await w.client.create(pods, pod);
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
