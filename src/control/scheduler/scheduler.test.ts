import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Node } from '../../model/core/node.ts';
import type { Pod } from '../../model/core/pod.ts';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { eventKind } from '../../model/core/event.ts';
import { nodeKind } from '../../model/core/node.ts';
import { podKind } from '../../model/core/pod.ts';
import { createScheduler } from './scheduler.ts';

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await openTestControlPlane();
});
afterEach(() => plane.close());

async function addNode(name: string, memory = '4Gi') {
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
  await plane.client.create(nodeKind, node);
  await plane.client.patch(
    nodeKind,
    { name },
    { status: { allocatable: { cpu: '4', memory, pods: '2000' }, conditions: [{ type: 'Ready', status: 'True' }] } },
    { subresource: 'status' },
  );
}

async function addPod(name: string, memory = '1Gi', more: Partial<Pod['spec']> = {}) {
  const containers = [{ name: 'c', command: ['true'], resources: { requests: { memory } } }];
  return plane.client.create(podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name },
    spec: { containers, terminationGracePeriodSeconds: 0, ...more },
  });
}

const get = (name: string) => plane.client.get(podKind, { namespace: 'default', name });
const nodeOf = async (name: string) => (await get(name)).spec.nodeName;
async function refusalOf(name: string) {
  const condition = (await get(name)).status?.conditions?.find((each) => each.type === 'PodScheduled');
  return condition && `${condition.status} ${condition.reason}: ${condition.message}`;
}
async function events() {
  const { items } = await plane.client.list(eventKind, { namespace: 'default' });
  return items.map((event) => `${event.type} ${event.reason}: ${event.message}`);
}

test('pods are bound where most is left, and an event says so', async () => {
  await addNode('m1');
  await addNode('m2');
  await addPod('a');
  await addPod('b');
  await plane.start(createScheduler());
  expect([await nodeOf('a'), await nodeOf('b')]).toEqual(['m1', 'm2']);
  expect(await events()).toContain('Normal Scheduled: Successfully assigned default/a to m1');
});

test('a pod without a place says why, with numbers, and is placed when another pod goes', async () => {
  await addNode('m1', '1500Mi');
  await plane.start(createScheduler());
  await addPod('a');
  await plane.idle();
  await addPod('b');
  await plane.idle();
  const text = '0/1 nodes are available: 1 Insufficient memory (needs 1024 MiB, 476 free).';
  expect([await nodeOf('a'), await nodeOf('b'), await refusalOf('b')]).toEqual(['m1', undefined, `False Unschedulable: ${text}`]);
  expect(await events()).toContain(`Warning FailedScheduling: ${text}`);
  await plane.client.delete(podKind, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
  await plane.idle();
  expect(await nodeOf('b')).toBe('m1');
});

test('nothing is asked again by the clock alone: a pod that cannot be placed costs nothing', async () => {
  await addNode('m1', '100Mi');
  await addPod('a');
  const runtime = await plane.start(createScheduler());
  const { resourceVersion } = await plane.client.list(podKind);
  const before = runtime.metrics()[0]!.outcomes.ok;
  await plane.advance(3_600_000, 10);
  expect([runtime.metrics()[0]!.outcomes.ok, (await plane.client.list(podKind)).resourceVersion]).toEqual([before, resourceVersion]);
});

test('a machine that comes takes the pods that waited', async () => {
  await plane.start(createScheduler());
  await addPod('a');
  await plane.idle();
  expect(await refusalOf('a')).toBe('False Unschedulable: no nodes available to schedule pods');
  await addNode('m1');
  await plane.idle();
  expect(await nodeOf('a')).toBe('m1');
});

test('a cordoned machine takes nothing until it is uncordoned', async () => {
  await addNode('m1');
  await plane.client.patch(nodeKind, { name: 'm1' }, { spec: { unschedulable: true } });
  await addPod('a');
  await plane.start(createScheduler());
  expect(await refusalOf('a')).toBe('False Unschedulable: 0/1 nodes are available: 1 node(s) were unschedulable.');
  await plane.client.patch(nodeKind, { name: 'm1' }, { spec: { unschedulable: null } });
  await plane.idle();
  expect(await nodeOf('a')).toBe('m1');
});

test('pods that were bound before the start are counted before the first placement', async () => {
  await addNode('m1', '1500Mi');
  await addPod('z', '1Gi', { nodeName: 'm1' });
  await addPod('a');
  await plane.start(createScheduler());
  expect(await nodeOf('a')).toBeUndefined();
});

test('a pod that is bound by its maker, or wants another scheduler, or is being deleted, is left alone', async () => {
  await addNode('m1');
  await addPod('other', '1Gi', { schedulerName: 'mine' });
  await addPod('ending');
  await plane.client.patch(podKind, { namespace: 'default', name: 'ending' }, { metadata: { finalizers: ['drover.dev/test'] } });
  await plane.client.delete(podKind, { namespace: 'default', name: 'ending' });
  await plane.start(createScheduler());
  expect([await nodeOf('other'), await nodeOf('ending')]).toEqual([undefined, undefined]);
});

test('a new incarnation of the same name is counted with what it wants, not with what the old one held', async () => {
  await addNode('m1', '2000Mi');
  await addPod('a', '1500Mi');
  await plane.start(createScheduler());
  await plane.client.delete(podKind, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
  await addPod('a', '500Mi');
  await addPod('b', '1500Mi');
  await plane.idle();
  expect([await nodeOf('a'), await nodeOf('b')]).toEqual(['m1', 'm1']);
});

test('many pods at once never over-allocate, though their bindings are under way together', async () => {
  for (const name of ['m1', 'm2', 'm3']) await addNode(name, '10Gi');
  await plane.start(createScheduler());
  await Promise.all(Array.from({ length: 40 }, (_, index) => addPod(`p${index}`)));
  await plane.idle();
  const { items } = await plane.client.list(podKind);
  const count = (node: string | undefined) => items.filter((pod) => pod.spec.nodeName === node).length;
  expect([count('m1'), count('m2'), count('m3'), count(undefined)]).toEqual([10, 10, 10, 10]);
});
