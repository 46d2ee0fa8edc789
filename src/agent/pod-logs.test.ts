import { afterEach, describe, expect, it } from 'vitest';
import { create, logs, newWorld, podOf, removePod, type World, type WorldOptions } from './agent-world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const w of worlds.splice(0)) {
    await w.agent.close();
    expect(w.machine.violations).toEqual([]);
  }
});

async function world(options: WorldOptions = {}): Promise<World> {
  const w = await newWorld(options);
  worlds.push(w);
  return w;
}

describe('logs', () => {
  it('gives the present run, the run before, and the last run of the incarnation before', async () => {
    const w = await world({ program: [{ do: 'print-env', name: 'HOSTNAME' }, { do: 'wait' }] });
    const old = await create(w, podOf('a', {}, { hostname: 'first' }));
    await expect(logs(w, old, { previous: true })).rejects.toThrow('previous terminated container "main" in pod "a" not found');
    w.machine.print(`${old.metadata.uid}/main/0`, 'one');
    await removePod(w, 'a');
    const next = await create(w, podOf('a', {}, { hostname: 'second' }));
    expect(await logs(w, next)).toEqual(['second']);
    expect(await logs(w, next, { previous: true })).toEqual(['first', 'one']);
    w.machine.print(`${next.metadata.uid}/main/0`, 'two');
    w.machine.exit(`${next.metadata.uid}/main/0`, 1);
    await w.settle();
    expect(await logs(w, next, { previous: true })).toEqual(['second', 'two']);
    expect(w.machine.tasks().map((task) => task.config.id)).toEqual([`${next.metadata.uid}/main/0`, `${next.metadata.uid}/main/1`]);
    w.machine.exit(`${next.metadata.uid}/main/1`, 1);
    await w.settle();
    expect(await logs(w, next)).toEqual(await logs(w, next, { previous: true }));
  });

  it('says why there is no log yet', async () => {
    const w = await world();
    const pod = await create(w, podOf('a', { image: 'nothing' }));
    await expect(logs(w, pod)).rejects.toMatchObject({
      code: 'bad-request',
      message: 'container "main" in pod "a" is waiting to start: image can\'t be pulled',
    });
    await expect(logs(w, pod, { container: 'x' })).rejects.toMatchObject({ code: 'not-found' });
  });
});
