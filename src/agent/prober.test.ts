import { afterEach, describe, expect, it } from 'vitest';
import { attempts, create, newWorld, podOf, ready, state, type World, type WorldOptions } from './agent-world.ts';

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

describe('probes', () => {
  it('is ready only when the readiness probe passes, and again not when it fails', async () => {
    const w = await world();
    w.probes.set('r', false);
    await create(w, podOf('a', { readinessProbe: { exec: { command: ['r'] }, periodSeconds: 1, failureThreshold: 2 } }));
    await w.advance(5_000);
    expect(state(await w.pod('a'))).toMatchObject({ ready: false, started: true });
    w.probes.set('r', true);
    await w.advance(1_000);
    expect(ready(await w.pod('a'))).toBe('True');
    w.probes.set('r', false);
    await w.advance(3_000);
    expect(ready(await w.pod('a'))).toBe('False');
    expect(attempts(w)).toEqual(['0 running']);
    expect(w.events).toContain('Warning Unhealthy: Readiness probe failed: it is ill');
  });

  it('stops and restarts a container whose liveness probe fails', async () => {
    const w = await world();
    const liveness = { exec: { command: ['l'] }, periodSeconds: 1, failureThreshold: 3 };
    await create(w, podOf('a', { livenessProbe: liveness }));
    await w.advance(2_000);
    w.probes.set('l', false);
    await w.advance(4_000);
    expect(attempts(w)).toEqual(['0 exited', '1 running']);
    expect(w.events).toContain('Normal Killing: Container main failed liveness probe, will be restarted');
    expect(state(await w.pod('a'))).toMatchObject({ restartCount: 1 });
  });

  it('restarts it under OnFailure also when it then ends with 0, and the agent was killed in between', async () => {
    const w = await world({ stopDelayMs: [10_000, 10_000] });
    const liveness = { exec: { command: ['l'] }, periodSeconds: 1, failureThreshold: 1 };
    const { metadata } = await create(w, podOf('a', { livenessProbe: liveness }, { restartPolicy: 'OnFailure' }));
    w.probes.set('l', false);
    await w.advance(2_000);
    expect(w.machine.history.filter((call) => call.verb === 'stop')).toHaveLength(1);
    w.probes.set('l', true);
    w.machine.exit(`${metadata.uid}/main/0`, 0);
    await w.restart();
    expect(attempts(w)).toEqual(['0 exited', '1 running']);
  });
});
