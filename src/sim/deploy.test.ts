import { afterEach, expect as that, test } from 'vitest';
import { kafkaSpec } from '../plan/plan-world.ts';
import { scriptFor } from './script.ts';
import { openSimulation, type Simulation } from './simulation.ts';

let sim: Simulation | undefined;
afterEach(async () => {
  await sim?.close();
  sim = undefined;
});

test('a service comes up, rolls and survives a kill in between', async () => {
  sim = await openSimulation();
  const { send, expect } = scriptFor(sim);
  const t0 = performance.now();
  await send.apply(kafkaSpec());
  console.log('deploy', performance.now() - t0, sim.points.passed);
  await expect.tree(
    'deploy',
    'deploy (serial strategy) (COMPLETE)\n└─ broker (serial strategy) (COMPLETE)\n   ├─ kafka-0:[broker] (COMPLETE)\n   ├─ kafka-1:[broker] (COMPLETE)\n   └─ kafka-2:[broker] (COMPLETE)',
  );
  await expect.launched('kafka-0', 'kafka-1', 'kafka-2');
  await send.apply(kafkaSpec({ version: 'v2' }));
  await expect.launched('kafka-0', 'kafka-1', 'kafka-2');
  await send.killControlPlane();
  await expect.launched();
  await expect.running('kafka-0', 'kafka-1', 'kafka-2');
  expect.sound();
  that(sim.warnings).toEqual([]);
  console.log('all', performance.now() - t0, sim.points.passed);
});
