import { afterEach, beforeEach, describe, expect as that, test } from 'vitest';
import { hasCode } from '../base/errors.ts';
import { namespaceKind } from '../model/core/namespace.ts';
import { podKind } from '../model/core/pod.ts';
import { managedServiceKind, type ManagedServiceSpec } from '../model/drover/managed-service.ts';
import { kafkaSpec } from '../plan/plan-world.ts';
import { scriptFor } from './script.ts';
import { openSimulation, type Simulation } from './simulation.ts';

const all = ['kafka-0', 'kafka-1', 'kafka-2'];
let sim: Simulation;
let script: ReturnType<typeof scriptFor>;

beforeEach(async () => {
  // A command with "bad" in it ends at once, by itself.
  sim = await openSimulation({ program: ({ command }) => (command.includes('bad') ? [{ do: 'exit', code: 3 }] : [{ do: 'wait' }]) });
  script = scriptFor(sim);
});
afterEach(() => sim.close());

/** Applies and gives tasks without probes the time to prove themselves. */
async function apply(spec: ManagedServiceSpec): Promise<void> {
  await script.send.apply(spec);
  await sim.advance(15_000);
}

async function deployed(): Promise<void> {
  await apply(kafkaSpec());
  await script.expect.launched(...all);
}

async function gone(get: () => Promise<unknown>): Promise<boolean> {
  try {
    await get();
    return false;
  } catch (error) {
    return hasCode(error, 'not-found');
  }
}

describe('a service', () => {
  test('comes up, rolls, and a kill in between starts nothing again', async () => {
    const { send, expect } = script;
    await apply(kafkaSpec());
    await expect.tree(
      'deploy',
      'deploy (serial strategy) (COMPLETE)\n└─ broker (serial strategy) (COMPLETE)\n   ├─ kafka-0:[broker] (COMPLETE)\n   ├─ kafka-1:[broker] (COMPLETE)\n   └─ kafka-2:[broker] (COMPLETE)',
    );
    await expect.launched(...all);
    await apply(kafkaSpec({ version: 'v2' }));
    await expect.launched(...all);
    await send.killControlPlane();
    await expect.launched();
    await expect.running(...all);
    expect.sound();
    that(sim.warnings).toEqual([]);
  });

  test('at rest writes nothing of its own', async () => {
    await deployed();
    sim.points.arm(undefined);
    await sim.advance(60_000);
    // What is left are the node's heartbeats: a lease each 10 s, two points a write.
    that(sim.points.passed).toBeLessThan(30);
  });

  test('a config that keeps a pod from starting harms that one; the fix gets past it', async () => {
    const { expect } = script;
    await deployed();
    await apply(kafkaSpec({ version: 'bad' }));
    await expect.running('kafka-1', 'kafka-2');
    await sim.advance(300_000);
    await expect.planStatus('deploy', 'DELAYED');
    await expect.running('kafka-1', 'kafka-2');
    await apply(kafkaSpec({ version: 'v3' }));
    await expect.planStatus('deploy', 'COMPLETE');
    await expect.running(...all);
    expect.sound();
  });

  test('a task that exits is restarted in place by the agent, and recovery shows it', async () => {
    const { send, expect, view } = script;
    await deployed();
    await send.taskExit('kafka-1', 1);
    await sim.advance(60_000);
    await expect.planStatus('recovery', 'COMPLETE');
    await expect.running(...all);
    that((await view('recovery')).phases.map((phase) => phase.name)).toEqual(['kafka-1:[broker]']);
    await expect.launched('kafka-1');
    expect.sound();
  });

  test('all is started again after a reboot of the machine', async () => {
    const { send, expect } = script;
    await deployed();
    await send.rebootMachine();
    await sim.advance(60_000);
    await expect.running(...all);
    await expect.planStatus('recovery', 'COMPLETE');
    expect.sound();
  });

  test('deleted, its pods end one after the other, and nothing of it is left', async () => {
    const { send, expect } = script;
    await deployed();
    await send.deleteService();
    await sim.advance(5_000);
    await expect.running();
    that(await gone(() => sim.client().get(managedServiceKind, { namespace: 'default', name: 'kafka' }))).toBe(true);
    that((await sim.client().list(podKind)).items).toEqual([]);
    await apply(kafkaSpec());
    await sim.advance(5_000);
    await expect.planStatus('deploy', 'COMPLETE');
    expect.sound();
  });

  test('ends in order with its namespace, also when Drover is killed in between', async () => {
    const client = sim.client();
    await client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'blue' } });
    const metadata = { namespace: 'blue', name: 'kafka' };
    await client.create(managedServiceKind, { apiVersion: 'drover.dev/v1alpha1', kind: 'ManagedService', metadata, spec: kafkaSpec() });
    await sim.advance(15_000);
    that([...sim.machine.liveByPod().keys()]).toEqual(all.map((name) => `blue/${name}`));
    sim.points.arm(12);
    await sim.client().delete(namespaceKind, { name: 'blue' });
    await sim.settle();
    await sim.advance(30_000);
    that([...sim.machine.liveByPod().keys()]).toEqual([]);
    that(await gone(() => sim.client().get(namespaceKind, { name: 'blue' }))).toBe(true);
    const stops = sim.machine.history.filter((call) => call.verb === 'stop' && call.effect);
    that(stops.length).toBe(3);
  });

  test('a verb on a service that does not exist is answered', async () => {
    await deployed();
    const other = scriptFor(sim, 'kafak');
    that(await other.send.operation('plan-pause', { plan: 'deploy' })).toBe('NotFound');
  });
});
