import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { driverConformance } from '../conformance.ts';
import type { TaskConfig } from '../driver.ts';
import { createFakeDriver } from './fake-driver.ts';
import { createFakeMachine } from './fake-machine.ts';

async function createFixture(delays: { startDelayMs?: readonly [number, number] } = {}) {
  const clock = new FakeClock();
  const machine = createFakeMachine({ clock, ...delays });
  let volumes = 0;
  return {
    open: async () => createFakeDriver(machine),
    command: (program: unknown) => ['program', JSON.stringify(program)],
    volume: async () => `/volumes/${++volumes}`,
    async idle() {
      clock.advance(5);
      await Promise.resolve();
    },
    nowMs: () => clock.now(),
    dispose: async () => expect(machine.violations).toEqual([]),
  };
}

driverConformance('the fake driver', createFixture);

const config = (id: string, label = 'default/kafka-1 broker'): TaskConfig => ({
  id,
  label,
  command: ['x'],
  env: {},
  files: [],
  mounts: [],
});

describe('a fake machine', () => {
  test('keeps its tasks over a crash on either side of a call, and the retry has no second effect', async () => {
    for (const moment of ['before', 'after'] as const) {
      const machine = createFakeMachine({ clock: new FakeClock() });
      machine.hook = (point) => {
        if (point.moment === moment) throw new Error('crash');
      };
      await expect(createFakeDriver(machine).start(config('u/c/0'))).rejects.toThrow('crash');
      expect(machine.tasks()).toHaveLength(moment === 'before' ? 0 : 1);
      machine.hook = undefined;
      const retry = createFakeDriver(machine);
      await retry.start(config('u/c/0'));
      expect(await retry.list()).toMatchObject([{ phase: 'running' }]);
      const effects = machine.history.filter((call) => call.verb === 'start').map((call) => call.effect);
      expect(effects).toEqual(moment === 'before' ? [false, true] : [true, false]);
      expect(machine.violations).toEqual([]);
    }
  });

  test('cuts off a driver when a newer one is made over it', async () => {
    const machine = createFakeMachine({ clock: new FakeClock() });
    const older = createFakeDriver(machine);
    createFakeDriver(machine);
    await expect(older.list()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each<[string, string[], RegExp]>([
    ['an id that runs a second time', ['u/c/0', 'remove u/c/0', 'u/c/0'], /started twice/],
    ['two live incarnations of one pod', ['u/c/0', 'v/c/0'], /another incarnation/],
    ['two live attempts of one container', ['u/c/0', 'u/c/1'], /earlier attempt/],
  ])('notes %s', async (_, acts, violation) => {
    const machine = createFakeMachine({ clock: new FakeClock() });
    const driver = createFakeDriver(machine);
    for (const act of acts) {
      if (!act.startsWith('remove ')) {
        await driver.start(config(act));
        continue;
      }
      const id = act.slice('remove '.length);
      machine.exit(id, 0);
      await driver.remove(id);
    }
    expect(machine.violations).toEqual([expect.stringMatching(violation)]);
  });

  test('shows what lives by pod', async () => {
    const machine = createFakeMachine({ clock: new FakeClock() });
    const driver = createFakeDriver(machine);
    await driver.start(config('u/a/0', 'default/kafka-1 a'));
    await driver.start(config('u/b/0', 'default/kafka-1 b'));
    await driver.start(config('v/a/0', 'default/kafka-2 a'));
    machine.exit('v/a/0', 0);
    expect([...machine.liveByPod()].map(([pod, tasks]) => [pod, tasks.map((task) => task.id)])).toEqual([
      ['default/kafka-1', ['u/a/0', 'u/b/0']],
    ]);
  });

  test('ends tasks as it is told: exit, signal, loss, reboot, a start that fails or is lost', async () => {
    const machine = createFakeMachine({ clock: new FakeClock() });
    let driver = createFakeDriver(machine);
    for (const uid of ['a', 'b', 'c', 'd']) await driver.start(config(`${uid}/c/0`, `default/${uid} c`));
    machine.exit('a/c/0', 3);
    machine.kill('b/c/0');
    machine.lose('c/c/0');
    machine.reboot();
    driver = createFakeDriver(machine);
    machine.failNextStart();
    machine.loseNextStart();
    await expect(driver.start(config('e/c/0', 'default/e c'))).rejects.toMatchObject({ code: 'unavailable' });
    await driver.start(config('e/c/0', 'default/e c'));
    expect(await driver.list()).toMatchObject([
      { exitCode: 3 },
      { exitCode: 137, signal: 9 },
      { phase: 'lost', why: 'supervisor-killed' },
      { phase: 'lost', why: 'reboot' },
      { phase: 'lost', why: 'failed-start' },
    ]);
  });

  test('with one seed runs the same twice, and otherwise with another', async () => {
    const run = async (seed: number) => {
      const clock = new FakeClock();
      const machine = createFakeMachine({ clock, seed, startDelayMs: [0, 1000] });
      const driver = createFakeDriver(machine);
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        await driver.start(config(`u${i}/c/0`, `default/p${i} c`));
        times.push(clock.nextTimerAtMs() ?? 0);
        clock.advance(1000);
      }
      return times.map((time) => time - times[0]!);
    };
    expect(await run(1)).toEqual(await run(1));
    expect(await run(1)).not.toEqual(await run(2));
  });
});
