import { describe, expect, it } from 'vitest';
import { create, newWorld, podOf, state, type Fuse, type World } from './agent-world.ts';
import { podKind } from '../model/core/pod.ts';

/** One step of a scenario, and what must hold once the agent has come to rest, however often it was killed on the way. */
type Step = readonly [title: string, act: (w: World) => Promise<unknown>, settledAfterMs: number];

const key = { namespace: 'default', name: 'a' };
const live = (w: World) =>
  [...w.machine.liveByPod()].flatMap(([name, tasks]) => tasks.map((task) => `${name} ${task.id.split('/').at(-1)}`));
const exit = (w: World, code: number) => {
  const task = w.machine.tasks().find((entry) => entry.config.label.startsWith('default/a ') && entry.state.phase === 'running');
  if (task) w.machine.exit(task.config.id, code);
  return Promise.resolve();
};
const claim = {
  volumes: [
    { name: 'data', persistentVolumeClaim: { claimName: 'd1' } },
    { name: 'tmp', emptyDir: {} },
  ],
};
const mounts = {
  volumeMounts: [
    { name: 'data', mountPath: '/data' },
    { name: 'tmp', mountPath: '/tmp' },
  ],
};

/** Start, crash, crash with back-off, restart by delete, replace with a new volume, force-delete. */
const scenario: readonly Step[] = [
  ['start', (w) => create(w, podOf('a', mounts, claim)), 5_000],
  ['a crash', (w) => exit(w, 1), 5_000],
  ['a crash with back-off', (w) => exit(w, 1), 20_000],
  ['delete', (w) => w.client.delete(podKind, key), 8_000],
  [
    'replace',
    (w) => {
      const next = podOf('a', mounts, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'd2' } }, claim.volumes[1]!] });
      return create(w, { ...next, metadata: { ...next.metadata, annotations: { 'drover.dev/discard-volumes': 'd1' } } });
    },
    5_000,
  ],
  [
    'force-delete and a successor',
    (w) => w.client.delete(podKind, key, { gracePeriodSeconds: 0 }).then(() => create(w, podOf('a'))),
    10_000,
  ],
];

/** Plays the scenario; the fuse kills the agent once, and a new one starts at once. What is seen after each step is the answer. */
async function play(fuse: Fuse): Promise<{ seen: unknown[]; crashed: boolean }> {
  const w = await newWorld({ stopDelayMs: [1_000, 1_000], fuse });
  const seen: unknown[] = [];
  const revive = async () => {
    if (w.dead) await w.restart();
  };
  await revive();
  for (const [title, act, settledAfterMs] of scenario) {
    await act(w);
    await revive();
    for (let ms = 0; ms < settledAfterMs; ms += 1_000) {
      await w.advance(1_000);
      await revive();
    }
    const pod = await w.client.get(podKind, key).catch(() => undefined);
    const status = pod && state(pod);
    seen.push({
      title,
      live: live(w),
      status: status && { restarts: status.restartCount, ready: status.ready, last: status.lastState?.terminated?.exitCode },
      volumes: [...w.files.directories].filter((path) => path.startsWith('/agent/volumes/default/')).sort(),
      tasks: w.machine.tasks().length,
    });
  }
  await w.agent.close();
  expect(w.machine.violations).toEqual([]);
  return { seen, crashed: fuse.left < 0 };
}

describe('an agent that is killed', () => {
  it('at any write to the API, call of the driver or change of a file, comes to the same end without a task started twice', async () => {
    const expected = await play({ left: Infinity });
    expect(expected.seen).toMatchInlineSnapshot(`
      [
        {
          "live": [
            "default/a 0",
          ],
          "status": {
            "last": undefined,
            "ready": true,
            "restarts": 0,
          },
          "tasks": 1,
          "title": "start",
          "volumes": [
            "/agent/volumes/default/d1",
          ],
        },
        {
          "live": [
            "default/a 1",
          ],
          "status": {
            "last": 1,
            "ready": true,
            "restarts": 1,
          },
          "tasks": 2,
          "title": "a crash",
          "volumes": [
            "/agent/volumes/default/d1",
          ],
        },
        {
          "live": [
            "default/a 2",
          ],
          "status": {
            "last": 1,
            "ready": true,
            "restarts": 2,
          },
          "tasks": 2,
          "title": "a crash with back-off",
          "volumes": [
            "/agent/volumes/default/d1",
          ],
        },
        {
          "live": [],
          "status": undefined,
          "tasks": 1,
          "title": "delete",
          "volumes": [
            "/agent/volumes/default/d1",
          ],
        },
        {
          "live": [
            "default/a 0",
          ],
          "status": {
            "last": undefined,
            "ready": true,
            "restarts": 0,
          },
          "tasks": 2,
          "title": "replace",
          "volumes": [
            "/agent/volumes/default/d2",
          ],
        },
        {
          "live": [
            "default/a 0",
          ],
          "status": {
            "last": undefined,
            "ready": true,
            "restarts": 0,
          },
          "tasks": 2,
          "title": "force-delete and a successor",
          "volumes": [
            "/agent/volumes/default/d2",
          ],
        },
      ]
    `);
    let moments = 0;
    for (; ; moments++) {
      const { seen, crashed } = await play({ left: moments });
      expect({ moment: moments, seen }).toEqual({ moment: moments, seen: expected.seen });
      if (!crashed) break;
    }
    expect(moments).toBeGreaterThan(60);
  }, 120_000);
});
