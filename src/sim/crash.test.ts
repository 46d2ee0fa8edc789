import { afterEach, describe, expect as that, test } from 'vitest';
import { podInstanceKind } from '../model/drover/pod-instance.ts';
import { kafkaSpec } from '../plan/plan-world.ts';
import { scriptFor } from './script.ts';
import { openSimulation, type Simulation } from './simulation.ts';

/**
 * The suite that matters most. For every n: the scenario is played and Drover (control plane and agent) is killed at its n-th point, where the points are:
 * before and after each store write, and before and after each driver call. It starts again from store and disk, and must end as if nothing had happened:
 * the plan complete, each pod that has to move started exactly once, no other touched, never two live incarnations of one pod. One simulation plays all n
 * one after the other, since each ends where the next begins.
 */
interface Scenario {
  readonly name: string;
  /** What happens in round n. */
  play(script: ReturnType<typeof scriptFor>, round: number): Promise<void>;
  /** Pods started by it, in any order. */
  readonly launches: (round: number) => readonly string[];
  /** Pods that run afterwards. */
  readonly running: (round: number) => readonly string[];
  readonly plan: (round: number) => string;
  /** Even rounds do one thing, odd ones undo it: both are killed at every point. */
  readonly alternates?: boolean;
}

const both = ['kafka-0', 'kafka-1'];
const three = [...both, 'kafka-2'];
const two = (version: string) => kafkaSpec({ count: 2, version });

const scenarios: readonly Scenario[] = [
  {
    name: 'config change',
    play: ({ send }, round) => send.apply(two(`v${round}`)),
    launches: () => both,
    running: () => both,
    plan: () => 'deploy',
  },
  {
    name: 'restart',
    play: async ({ send }) => {
      that(await send.operation('pod-restart', { pod: 'kafka-1' })).toBe('Applied');
    },
    launches: () => ['kafka-1'],
    running: () => both,
    plan: () => 'recovery',
  },
  {
    name: 'replace',
    play: async ({ send }) => {
      that(await send.operation('pod-replace', { pod: 'kafka-0' })).toBe('Applied');
    },
    launches: () => ['kafka-0'],
    running: () => both,
    plan: () => 'recovery',
  },
  {
    name: 'scale out and in',
    play: ({ send }, round) => send.apply(kafkaSpec({ count: round % 2 === 0 ? 3 : 2 })),
    launches: (round) => (round % 2 === 0 ? ['kafka-2'] : []),
    running: (round) => (round % 2 === 0 ? three : both),
    plan: (round) => (round % 2 === 0 ? 'deploy' : 'decommission'),
    alternates: true,
  },
  {
    name: 'a deleted pod',
    play: ({ send }) => send.deletePod('kafka-1'),
    launches: () => ['kafka-1'],
    running: () => both,
    plan: () => 'recovery',
  },
];

let sim: Simulation | undefined;
afterEach(async () => {
  await sim?.close();
  sim = undefined;
});

async function incarnations(simulation: Simulation): Promise<Map<string, number>> {
  const { items } = await simulation.client().list(podInstanceKind);
  return new Map(items.map((instance) => [instance.metadata.name, instance.spec.incarnation]));
}

/** Starts seen since the last call, by pod, sorted. */
function launchCounter(simulation: Simulation): () => string[] {
  const labels = new Map<string, string>();
  let seen = 0;
  return () => {
    for (const { config } of simulation.machine.tasks()) labels.set(config.id, config.label);
    const effects = simulation.machine.history.filter((call) => call.verb === 'start' && call.effect);
    const fresh = effects.slice(seen).map(
      (call) =>
        labels
          .get(call.id ?? '')
          ?.split(' ')[0]
          ?.replace('default/', '') ?? 'unknown',
    );
    seen = effects.length;
    return fresh.toSorted();
  };
}

describe('killed at every store write and every driver call, Drover goes on:', () => {
  test.each(scenarios)(
    '$name',
    async (scenario) => {
      sim = await openSimulation();
      const script = scriptFor(sim);
      const launches = launchCounter(sim);
      await script.send.apply(two('v1'));
      await sim.advance(12_000);
      launches();
      let before = await incarnations(sim);
      let point = 0;
      for (let round = 0, idle = 0; idle < 2; round++) {
        sim.points.arm(point);
        await scenario.play(script, round);
        await sim.settle();
        // Retries after the kill wait for their time, and tasks without probes have to prove themselves.
        await sim.advance(12_000);
        const reached = sim.points.passed > point;
        sim.points.arm(undefined);
        const where = `round ${round}, killed at point ${point}`;
        that(launches(), where).toEqual(scenario.launches(round));
        await script.expect.planStatus(scenario.plan(round), 'COMPLETE');
        await script.expect.planStatus('deploy', 'COMPLETE');
        await script.expect.running(...scenario.running(round));
        script.expect.sound();
        const after = await incarnations(sim);
        that([...after.keys()].toSorted(), where).toEqual(scenario.running(round));
        // One more for each pod that was started, no other moved.
        for (const [name, incarnation] of after) {
          const more = scenario.launches(round).includes(name) ? 1 : 0;
          that([name, incarnation], where).toEqual([name, (before.get(name) ?? 0) + more]);
        }
        before = after;
        idle = reached ? 0 : idle + 1;
        if (!scenario.alternates || round % 2 === 1) point++;
      }
      that(point).toBeGreaterThan(20);
    },
    240_000,
  );

  test('a first deploy', async () => {
    for (let point = 0, reached = true; reached; point++) {
      sim = await openSimulation();
      const { send, expect } = scriptFor(sim);
      const launches = launchCounter(sim);
      sim.points.arm(point);
      await send.apply(two('v1'));
      await sim.advance(12_000);
      reached = sim.points.passed > point;
      that(launches(), `killed at point ${point}`).toEqual(both);
      await expect.planStatus('deploy', 'COMPLETE');
      await expect.running(...both);
      expect.sound();
      await sim.close();
    }
  }, 240_000);
});
