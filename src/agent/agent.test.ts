import { afterEach, describe, expect, it } from 'vitest';
import { configMapKind } from '../model/core/config-map.ts';
import { podKind } from '../model/core/pod.ts';
import { packageKind } from '../model/drover/package.ts';
import { attempts, create, newWorld, podOf, ready, removePod, state, type World, type WorldOptions } from './agent-world.ts';

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

  it('leaves pods of other machines alone', async () => {
    const w = await world();
    await create(w, podOf('a', {}, { nodeName: 'm2' }));
    expect(w.machine.tasks()).toEqual([]);
  });

  it('gives the task its environment, files, volumes and package', async () => {
    const w = await world();
    await w.client.create(packageKind, {
      apiVersion: 'drover.dev/v1alpha1',
      kind: 'Package',
      metadata: { name: 'kafka' },
      spec: { description: '', kinds: [], defaultVersion: '4.3.0', versions: [{ version: '4.3.0' }] },
    });
    await w.client.create(configMapKind, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'conf' },
      data: { 'server.properties': 'a=1', other: 'x' },
    });
    await create(
      w,
      podOf(
        'a',
        {
          image: 'kafka:4.3.0',
          command: ['run', '$(NAME)', '$$(NAME)', '$(UNKNOWN)'],
          env: [
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'PORT', valueFrom: { configMapKeyRef: { name: 'conf', key: 'other' } } },
            { name: 'URL', value: 'http://$(NAME):$(PORT)' },
          ],
          volumeMounts: [
            { name: 'conf', mountPath: '/etc/kafka' },
            { name: 'conf', mountPath: '/one.properties', subPath: 'server.properties' },
            { name: 'data', mountPath: '/data' },
            { name: 'scratch', mountPath: '/tmp/scratch' },
          ],
        },
        {
          volumes: [
            { name: 'conf', configMap: { name: 'conf', items: [{ key: 'server.properties', path: 'server.properties' }] } },
            { name: 'data', persistentVolumeClaim: { claimName: 'data-1' } },
            { name: 'scratch', emptyDir: {} },
          ],
        },
      ),
    );
    const uid = (await w.pod('a')).metadata.uid;
    expect(w.machine.tasks()[0]!.config).toEqual({
      id: `${uid}/main/0`,
      label: 'default/a main',
      command: ['run', 'a', '$(NAME)', '$(UNKNOWN)'],
      env: { PATH: '/bin', HOSTNAME: 'a', NAME: 'a', PORT: 'x', URL: 'http://a:x' },
      files: [
        { path: 'etc/kafka/server.properties', text: 'a=1' },
        { path: 'one.properties', text: 'a=1' },
      ],
      mounts: [
        { path: 'package', target: '/packages/kafka', readOnly: true },
        { path: 'data', target: '/agent/volumes/default/data-1' },
        { path: 'tmp/scratch', target: `/agent/pods/${uid}/volumes/scratch` },
      ],
    });
  });

  it('waits with a reason for a config map, and starts when it is there', async () => {
    const w = await world();
    const mount = { volumeMounts: [{ name: 'conf', mountPath: '/conf' }] };
    await create(w, podOf('a', mount, { volumes: [{ name: 'conf', configMap: { name: 'conf' } }] }));
    const message = 'MountVolume.SetUp failed for volume "conf": configmap "conf" not found';
    expect(state(await w.pod('a'))).toMatchObject({ state: { waiting: { reason: 'ContainerCreating', message } } });
    expect((await w.pod('a')).status?.phase).toBe('Pending');
    await w.client.create(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'conf' } });
    await w.advance(1_000);
    expect((await w.pod('a')).status?.phase).toBe('Running');
    expect(w.events[0]).toBe(`Warning FailedMount: ${message}`);
  });

  it.each([
    ['an image that is no package', { image: 'nothing:1' }, 'ErrImagePull', 'there is no package "nothing"'],
    [
      'an image whose name cannot be one',
      { image: 'UPPER/x:1' },
      'InvalidImageName',
      '"UPPER/x:1" is not the name of a package: it is written name:version, as kafka:4.3.0',
    ],
    ['no command', { command: [] }, 'CreateContainerConfigError', 'container "main" names no command'],
    [
      'a secret that is missing',
      { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      'CreateContainerConfigError',
      'secrets "s" was not found',
    ],
    [
      'a mount path that leaves the task',
      { volumeMounts: [{ name: 'v', mountPath: 'a/../../x' }] },
      'ContainerCreating',
      'MountVolume.SetUp failed for volume "v": the path "a/../../x" is not one inside the task\'s directory',
    ],
  ])('says why it waits: %s', async (_title, container, reason, message) => {
    const w = await world();
    await create(w, podOf('a', container, { volumes: [{ name: 'v', emptyDir: {} }] }));
    expect(state(await w.pod('a'))?.state?.waiting).toEqual({ reason, message });
  });

  it('shows the progress of a download, at most one write a second', async () => {
    const w = await world();
    await w.client.create(packageKind, {
      apiVersion: 'drover.dev/v1alpha1',
      kind: 'Package',
      metadata: { name: 'kafka' },
      spec: { description: '', kinds: [], defaultVersion: '1', versions: [{ version: '1' }] },
    });
    let finish = () => {};
    w.packages.fetch = (_name, _version, { onProgress }) => {
      let percent = 0;
      const step = () => {
        onProgress?.({ message: `kafka 1: ${percent++} %` });
        cancel = w.clock.after(100, step);
      };
      let cancel = w.clock.after(0, step);
      return new Promise((resolve) => (finish = () => (cancel(), resolve('/p'))));
    };
    await w.client.create(podKind, podOf('a', { image: 'kafka' }));
    await w.pump(5_050);
    const shown = state(await w.pod('a'))?.state?.waiting;
    expect(shown).toEqual({ reason: 'ContainerCreating', message: expect.stringMatching(/^kafka 1: \d+ %$/) });
    const writes = w.writes().filter((write) => write.startsWith('updateStatus')).length;
    expect(writes).toBeGreaterThan(2);
    expect(writes).toBeLessThanOrEqual(5);
    finish();
    await w.settle();
    expect((await w.pod('a')).status?.phase).toBe('Running');
    expect(w.events).toEqual([
      'Normal Pulling: Pulling image "kafka"',
      'Normal Pulled: Successfully pulled image "kafka"',
      'Normal Started: Started container main',
    ]);
  });
});

describe('restarting', () => {
  it('restarts at once, then after 10 s, 20 s and so on up to 300 s', async () => {
    const w = await world();
    const { metadata } = await create(w, podOf('a'));
    const delays: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      w.machine.exit(`${metadata.uid}/main/${attempt}`, 1);
      const from = w.clock.now();
      await w.settle();
      while (!attempts(w).includes(`${attempt + 1} running`)) await w.advance(1_000);
      delays.push((w.clock.now() - from) / 1000);
    }
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(state(await w.pod('a'))).toMatchObject({
      restartCount: 8,
      state: { running: {} },
      lastState: { terminated: { exitCode: 1, reason: 'Error', containerID: `fake://${metadata.uid}/main/7` } },
    });
    expect(attempts(w)).toEqual(['7 exited', '8 running']);
  });

  it('shows the back-off as Kubernetes does, and goes on with it after the agent was killed', async () => {
    const w = await world();
    const { metadata } = await create(w, podOf('a'));
    for (const attempt of [0, 1]) {
      w.machine.exit(`${metadata.uid}/main/${attempt}`, 3);
      await w.settle();
    }
    const pod = await w.pod('a');
    expect(state(pod)).toMatchObject({
      restartCount: 1,
      ready: false,
      state: {
        waiting: { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=main pod=a_default(${metadata.uid})` },
      },
      lastState: { terminated: { exitCode: 3 } },
    });
    expect(pod.status?.phase).toBe('Running');
    expect(ready(pod)).toBe('False');
    expect(w.events).toContain(`Warning BackOff: Back-off restarting failed container main in pod a_default(${metadata.uid})`);
    await w.advance(6_000);
    await w.restart();
    await w.advance(3_999);
    expect(attempts(w)).toEqual(['0 exited', '1 exited']);
    await w.advance(1);
    expect(attempts(w)).toEqual(['1 exited', '2 running']);
    w.machine.exit(`${metadata.uid}/main/2`, 3);
    await w.restart();
    expect(state(await w.pod('a'))?.state?.waiting?.message).toContain('back-off 20s');
  });

  it('begins anew after ten minutes of good running', async () => {
    const w = await world();
    const { metadata } = await create(w, podOf('a'));
    for (const attempt of [0, 1, 2]) {
      w.machine.exit(`${metadata.uid}/main/${attempt}`, 1);
      await w.advance(60_000);
    }
    await w.advance(600_000);
    w.machine.exit(`${metadata.uid}/main/3`, 1);
    await w.settle();
    expect(attempts(w)).toEqual(['3 exited', '4 running']);
  });

  it.each([
    ['Never', 0, 'Succeeded', 'Completed'],
    ['Never', 4, 'Failed', 'Error'],
    ['OnFailure', 0, 'Succeeded', 'Completed'],
  ] as const)('with policy %s and exit code %i the pod is %s', async (restartPolicy, exitCode, phase, reason) => {
    const w = await world();
    const { metadata } = await create(w, podOf('a', {}, { restartPolicy }));
    w.machine.exit(`${metadata.uid}/main/0`, exitCode);
    await w.settle();
    expect((await w.pod('a')).status?.phase).toBe(phase);
    expect(state(await w.pod('a'))?.state?.terminated).toMatchObject({ exitCode, reason });
    await w.restart();
    await w.advance(600_000);
    expect(attempts(w)).toEqual(['0 exited']);
  });

  it('starts what is wanted again after a reboot of the machine, without back-off', async () => {
    const w = await world();
    await create(w, podOf('a'));
    await create(w, podOf('b', {}, { restartPolicy: 'Never' }));
    w.machine.reboot();
    await w.restart();
    expect(state(await w.pod('a'))).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    });
    expect((await w.pod('b')).status?.phase).toBe('Failed');
  });

  it('adopts what runs: no restart, no status write, ready stays ready', async () => {
    const w = await world();
    await create(w, podOf('a', { readinessProbe: { exec: { command: ['r'] } } }));
    await w.advance(1_000);
    expect(ready(await w.pod('a'))).toBe('True');
    const writes = w.writes().length;
    await w.restart();
    await w.advance(60_000);
    expect(w.writes()).toHaveLength(writes);
    expect(attempts(w)).toEqual(['0 running']);
  });

  it('goes on when a start fails', async () => {
    const w = await world();
    w.machine.failNextStart();
    await create(w, podOf('a'));
    expect(state(await w.pod('a'))?.state?.waiting?.reason).toBe('RunContainerError');
    await w.advance(1_000);
    expect(attempts(w)).toEqual(['0 running']);
  });
});

describe('ending', () => {
  it('stops the tasks of a deleted pod, reports their end, then removes the object', async () => {
    const w = await world({ stopDelayMs: [2_000, 2_000] });
    const { metadata } = await create(w, podOf('a'));
    const seen: (string | undefined)[] = [];
    const before = w.writes().length;
    await removePod(w, 'a');
    expect((await w.pod('a')).status?.phase).toBe('Running');
    w.client.fault = (request) => void (request.startsWith('updateStatus pods') && seen.push(request));
    await w.advance(2_000);
    await expect(w.pod('a')).rejects.toMatchObject({ code: 'not-found' });
    expect(w.writes().slice(before)).toEqual(['delete pods default/a', 'updateStatus pods default/a', 'delete pods default/a']);
    expect(w.machine.history.filter((call) => call.verb === 'stop').map((call) => call.id)).toEqual([`${metadata.uid}/main/0`]);
    expect(w.events).toContain('Normal Killing: Stopping container main');
  });

  it('kills after the grace period, also when the agent was killed meanwhile', async () => {
    const w = await world({ program: [{ do: 'ignore-term' }, { do: 'wait' }] });
    await create(w, podOf('a'));
    await removePod(w, 'a', 60);
    await w.advance(40_000);
    await w.restart();
    await w.advance(19_000);
    expect(attempts(w)).toEqual(['0 running']);
    await w.advance(2_000);
    expect(attempts(w)).toEqual(['0 exited']);
    await expect(w.pod('a')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('removes a deleted pod that never ran without ado', async () => {
    const w = await world();
    await create(w, podOf('a', { image: 'nothing' }));
    await removePod(w, 'a');
    await w.settle();
    await expect(w.pod('a')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('stops what was force-deleted, and only then starts a successor of the same name', async () => {
    const w = await world({ program: [{ do: 'ignore-term' }, { do: 'wait' }] });
    const old = await create(w, podOf('a', {}, { terminationGracePeriodSeconds: 20 }));
    await removePod(w, 'a', 0);
    const next = await create(w, podOf('a'));
    await w.advance(1_100);
    expect(state(await w.pod('a'))?.state?.waiting?.message).toBe('waiting for the previous incarnation of this pod to end');
    expect(
      w.machine
        .liveByPod()
        .get('default/a')
        ?.map((task) => task.id),
    ).toEqual([`${old.metadata.uid}/main/0`]);
    await w.advance(19_000);
    expect(
      w.machine
        .liveByPod()
        .get('default/a')
        ?.map((task) => task.id),
    ).toEqual([`${next.metadata.uid}/main/0`]);
  });

  it('runs a pod again that had vanished and comes back', async () => {
    const w = await world();
    const move = async (nodeName: string) => {
      const pod = await w.pod('a');
      await w.client.update(podKind, { ...pod, spec: { ...pod.spec, nodeName } });
      await w.settle();
    };
    await create(w, podOf('a'));
    await move('m2');
    expect(attempts(w)).toEqual(['0 exited']);
    await move('m1');
    expect(attempts(w)).toEqual(['0 exited', '1 running']);
    expect([...w.files.texts.values()].join('')).not.toContain('goneAtMs');
    const pod = await w.pod('a');
    await w.client.update(podKind, { ...pod, spec: { ...pod.spec, nodeName: 'm2' } });
    await w.client.update(podKind, { ...pod, metadata: { ...(await w.pod('a')).metadata } });
    await w.advance(10_000);
    expect(attempts(w).at(-1)).toMatch(/running/);
  });

  it('stops what was force-deleted while the agent was down', async () => {
    const w = await world();
    await create(w, podOf('a'));
    await w.agent.close();
    await w.client.delete(podKind, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    await w.restart();
    expect(w.machine.liveByPod().size).toBe(0);
  });

  it('ends tasks that nobody knows before anything is started for the first time', async () => {
    const w = await world({ stopDelayMs: [3_000, 3_000] });
    await create(w, podOf('lost'));
    await w.agent.close();
    await w.files.remove('/agent/pods');
    await w.client.delete(podKind, { namespace: 'default', name: 'lost' }, { gracePeriodSeconds: 0 });
    await w.client.create(podKind, podOf('a'));
    await w.restart();
    expect([...w.machine.liveByPod().keys()]).toEqual(['default/lost']);
    await w.advance(3_000);
    expect([...w.machine.liveByPod().keys()]).toEqual(['default/a']);
  });
});

describe('volumes', () => {
  const claim = (id: string) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: id } }] });
  const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };

  it('keeps the directory of a claim when its pod is deleted, and removes that of an emptyDir', async () => {
    const w = await world();
    await create(
      w,
      podOf(
        'a',
        { volumeMounts: [...mount.volumeMounts, { name: 'tmp', mountPath: '/tmp' }] },
        { volumes: [...claim('d1').volumes, { name: 'tmp' }] },
      ),
    );
    expect([...w.files.directories].filter((path) => path.endsWith('/tmp'))).toHaveLength(1);
    await removePod(w, 'a');
    await w.settle();
    expect(w.files.directories).toContain('/agent/volumes/default/d1');
    expect([...w.files.directories].filter((path) => path.endsWith('/tmp'))).toEqual([]);
  });

  it('discards what the new pod says, after the old one has ended, but nothing that a pod here uses', async () => {
    const w = await world({ stopDelayMs: [1_000, 1_000] });
    await create(w, podOf('a', mount, claim('d1')));
    await create(w, podOf('b', mount, claim('d2')));
    await removePod(w, 'a', 0);
    const next = podOf('a', mount, claim('d3'));
    await create(w, { ...next, metadata: { ...next.metadata, annotations: { 'drover.dev/discard-volumes': 'd1,d2,d3, ../x' } } });
    expect(w.files.directories).toContain('/agent/volumes/default/d1');
    await w.advance(1_000);
    expect(state(await w.pod('a'))?.state?.waiting?.message).toBe('"../x" cannot name a directory');
    expect(await w.files.list('/agent/volumes/default')).toEqual(['d2', 'd3']);
  });
});
