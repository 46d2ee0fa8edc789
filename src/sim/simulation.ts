import { memoryFiles } from '../agent/memory-files.ts';
import type { ProbeRunner } from '../agent/probe-runner.ts';
import { FakeClock } from '../base/fake-clock.ts';
import type { ResourceClient } from '../client/client.ts';
import { createFakeMachine, type FakeMachine } from '../drivers/fake/fake-machine.ts';
import type { TaskConfig } from '../drivers/driver.ts';
import type { Program } from '../drivers/program.ts';
import { coreKinds } from '../model/kinds.ts';
import { createScheme } from '../model/scheme.ts';
import type { OperatorList } from '../operators/operator.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { CrashPoints, newLife, type Life } from './crash-point.ts';
import { startPlane, type Ground, type Plane } from './plane.ts';

export interface SimulationOptions {
  /** Seed of the machine's delays; default 1. */
  readonly seed?: number;
  /** What a task does; default: it runs until it is stopped. */
  readonly program?: (task: TaskConfig) => Program;
  readonly operators?: OperatorList;
  /** Exec probes by their first word; default: all succeed. */
  readonly probe?: (word: string) => boolean;
}

/** A machine with a whole Drover on it, a clock that moves only when told, and a process that can be killed anywhere. Same seed and script, same run. */
export interface Simulation {
  readonly clock: FakeClock;
  readonly machine: FakeMachine;
  readonly points: CrashPoints;
  /** A person's client, of the present life. */
  client(): ResourceClient;
  /** Kills control plane and agent where they are; tasks and store stay. The next settle starts them again. */
  kill(): void;
  /** Resolves when nothing is left to do without the clock moving; starts Drover again when it was killed on the way. */
  settle(): Promise<void>;
  /** Time passes, timer by timer. */
  advance(ms: number): Promise<void>;
  /** Lines that Drover logged at warn and above. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** Opens one, with Drover started and at rest. */
export async function openSimulation(options: SimulationOptions = {}): Promise<Simulation> {
  const clock = new FakeClock();
  const operators = options.operators ?? [];
  const warnings: string[] = [];
  let uids = 0;
  const complain = (fields: Record<string, unknown>, message: string) => {
    warnings.push(`${message} ${JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.message : value))}`);
  };
  const probes: ProbeRunner = async ({ probe }) =>
    (options.probe?.(probe.exec?.command[0] ?? '') ?? true)
      ? { result: 'success', message: '' }
      : { result: 'failure', message: 'it is ill' };
  const machine = createFakeMachine({ clock, seed: options.seed ?? 1, ...(options.program && { program: options.program }) });
  const ground: Ground = {
    store: createMemoryStore(),
    machine,
    files: memoryFiles(),
    clock,
    scheme: createScheme([...coreKinds, ...operators.map((operator) => operator.kind)]),
    operators,
    probes,
    log: { info: () => {}, warn: complain, error: complain },
    newUid: () => `00000000-0000-4000-8000-${String(++uids).padStart(12, '0')}`,
  };
  const points = new CrashPoints();
  let life: Life = newLife();
  let plane: Plane | undefined = await startPlane(ground, life, points);

  async function revive(): Promise<Plane> {
    await plane?.close();
    plane = undefined;
    // As a server does now and then: else each start would read the log of all lives before.
    await ground.store.compact(ground.store.revision());
    for (;;) {
      life = newLife();
      try {
        return (plane = await startPlane(ground, life, points));
      } catch (error) {
        if (!life.dead) throw error;
      }
    }
  }

  async function atRest({ runtime, agent }: Plane): Promise<void> {
    for (;;) {
      const before = ground.store.revision();
      await runtime.idle();
      await agent.settled();
      await runtime.idle();
      if (ground.store.revision() === before) return;
    }
  }

  async function settle(): Promise<void> {
    for (;;) {
      const current = life.dead || !plane ? await revive() : plane;
      await Promise.race([atRest(current), life.died]);
      if (!life.dead) return;
    }
  }

  await settle();
  return {
    clock,
    machine,
    points,
    warnings,
    client: () => {
      if (!plane) throw new Error('Drover is down: settle first');
      return plane.client;
    },
    kill: () => life.kill(),
    settle,
    async advance(ms) {
      const endMs = clock.now() + ms;
      for (;;) {
        await settle();
        const nextMs = clock.nextTimerAtMs();
        if (nextMs === undefined || nextMs > endMs) break;
        clock.advance(Math.max(0, nextMs - clock.now()));
      }
      clock.advance(endMs - clock.now());
      await settle();
    },
    async close() {
      await plane?.close();
      plane = undefined;
    },
  };
}
