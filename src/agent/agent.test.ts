import { afterEach, describe, expect, it } from 'vitest';
import { configMapKind } from '../model/core/config-map.ts';
import { leaseKind } from '../model/core/lease.ts';
import { nodeKind } from '../model/core/node.ts';
import { create, logs, newWorld, podOf, pods, ready, state, type World } from './agent-world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const w of worlds.splice(0)) {
    await w.agent.close();
    expect(w.machine.violations).toEqual([]);
  }
});

async function world(options: Parameters<typeof newWorld>[0] = {}): Promise<World> {
  const w = await newWorld(options);
  worlds.push(w);
  return w;
}

describe('starting', () => {
  it('runs a bound pod, with one status write', async () => {
    const w = await world();
    await create(w, podOf('a'));
    const pod = await w.pod('a');
    expect(pod.status).toMatchObject({ phase: 'Running', podIP: '127.0.0.1', hostIP: '127.0.0.1' });
    expect(state(pod)).toMatchObject({ ready: true, started: true, restartCount: 0, state: { running: {} } });
    expect(ready(pod)).toBe('True');
    expect(w.writes().slice(1)).toEqual(['updateStatus pods default/a']);
    expect(w.events).toEqual(['Normal Started: Started container main']);
    await w.advance(3_600_000);
    expect(w.writes()).toHaveLength(2);
  });

  it('leaves pods of other machines and pods without a machine alone', async () => {
    const w = await world();
    await create(w, podOf('a', {}, { nodeName: 'm2' }));
    expect(w.machine.tasks()).toEqual([]);
  });
});
