import { startAgent, type Agent } from '../agent/agent.ts';
import type { MemoryFiles } from '../agent/memory-files.ts';
import type { NodeFacts } from '../agent/node-facts.ts';
import type { ProbeRunner } from '../agent/probe-runner.ts';
import { createVerbs } from '../api/create-verbs.ts';
import type { Clock } from '../base/clock.ts';
import type { ResourceClient } from '../client/client.ts';
import { createInProcessClient } from '../client/in-process.ts';
import { createGarbageCollector } from '../control/gc/garbage-collector.ts';
import { createNamespaceController } from '../control/namespace/namespace.ts';
import { startControllers, type ControllerRuntime } from '../control/runtime.ts';
import { createScheduler } from '../control/scheduler/scheduler.ts';
import { createServiceController } from '../control/service/service-controller.ts';
import { createFakeDriver } from '../drivers/fake/fake-driver.ts';
import type { FakeMachine } from '../drivers/fake/fake-machine.ts';
import { managedServiceKind } from '../model/drover/managed-service.ts';
import type { Scheme } from '../model/scheme.ts';
import type { Log } from '../observe/log.ts';
import type { OperatorList } from '../operators/operator.ts';
import type { Store } from '../store/store.ts';
import { mortalStore, type CrashPoints, type Life } from './crash-point.ts';

/** What outlives the process: disk, tasks, time. */
export interface Ground {
  readonly store: Store;
  readonly machine: FakeMachine;
  readonly files: MemoryFiles;
  readonly clock: Clock;
  readonly scheme: Scheme;
  readonly operators: OperatorList;
  readonly probes: ProbeRunner;
  readonly log: Log;
  newUid(): string;
}

/** The whole of Drover in one process, as `drover server` puts it together, over fakes. */
export interface Plane {
  readonly client: ResourceClient;
  readonly runtime: ControllerRuntime;
  readonly agent: Agent;
  /** Ends everything; resolves when nothing of it runs any more. */
  close(): Promise<void>;
}

const FACTS: NodeFacts = {
  hostname: 'm1',
  cpus: 64,
  memoryBytes: 256 * 2 ** 30,
  memoryAvailableBytes: 200 * 2 ** 30,
  diskBytes: 2 ** 42,
  diskAvailableBytes: 2 ** 41,
  bootId: 'boot',
  machineId: 'machine',
  kernelVersion: '6.1',
  osImage: 'Debian',
  operatingSystem: 'linux',
  architecture: 'amd64',
};

/** Starts it for one life. */
export async function startPlane(ground: Ground, life: Life, points: CrashPoints): Promise<Plane> {
  const { clock, scheme, log, operators, machine } = ground;
  const store = mortalStore(ground.store, life, points);
  machine.hook = () => points.pass(life);
  const verbs = await createVerbs({ store, scheme, clock, newUid: ground.newUid });
  const clientAs = (actor: string) => createInProcessClient(verbs, actor, scheme);
  const agent = await startAgent({
    nodeName: 'm1',
    client: clientAs('system:node:m1'),
    driver: createFakeDriver(machine),
    packages: { ensure: async (name) => `/packages/${name}` },
    dir: '/agent',
    clock,
    log,
    address: '127.0.0.1',
    facts: async () => FACTS,
    files: ground.files,
    probes: ground.probes,
    env: { PATH: '/bin' },
  });
  const runtime = await startControllers({
    client: clientAs('system:drover'),
    clock,
    log,
    // Events are told, not stored: they are not what a crash is about.
    events: { event: () => {} },
    controllers: [
      createServiceController({ operators }),
      createScheduler(),
      createGarbageCollector(scheme.kinds),
      createNamespaceController({ kinds: scheme.kinds, first: [managedServiceKind] }),
    ],
  });
  return {
    client: clientAs('ann'),
    runtime,
    agent,
    async close() {
      await runtime.close();
      await agent.close();
      await verbs.close();
    },
  };
}
