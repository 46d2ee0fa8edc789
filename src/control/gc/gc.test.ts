import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigMap } from '../../model/core/config-map.ts';
import type { OwnerReference, Stored } from '../../model/resource.ts';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { toTime } from '../../base/clock.ts';
import { configMapKind } from '../../model/core/config-map.ts';
import { podKind } from '../../model/core/pod.ts';
import { eventKind } from '../../model/core/event.ts';
import { secretKind } from '../../model/core/secret.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { coreKinds } from '../../model/kinds.ts';
import { createServiceController } from '../service/service-controller.ts';
import { createEventCollector, EVENT_TTL_MS, MAX_DELETIONS } from './event-collector.ts';
import { createGarbageCollector } from './garbage-collector.ts';

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await openTestControlPlane();
});
afterEach(() => plane.close());

const start = () => plane.start(createGarbageCollector([configMapKind, secretKind]));

function map(name: string, owners: OwnerReference[] = [], finalizers: string[] = []) {
  return plane.client.create(configMapKind, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name, ownerReferences: owners, finalizers },
  });
}

function owned(by: Stored<ConfigMap>, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name: by.metadata.name, uid: by.metadata.uid, ...more };
}

async function names() {
  const { items } = await plane.client.list(configMapKind, { namespace: 'default' });
  return items.map((object) => object.metadata.name);
}

const remove = (name: string) => plane.client.delete(configMapKind, { namespace: 'default', name });

describe('owners', () => {
  test('dependents of a deleted owner go, and theirs in turn; others stay', async () => {
    const owner = await map('owner');
    const child = await map('child', [owned(owner)]);
    await map('grandchild', [owned(child)]);
    await map('free');
    await start();
    expect(await names()).toEqual(['child', 'free', 'grandchild', 'owner']);
    await remove('owner');
    await plane.idle();
    expect(await names()).toEqual(['free']);
  });

  test('what lost its owner while nobody looked goes at the start', async () => {
    await map('child', [owned(await map('owner'))]);
    await remove('owner');
    await start();
    expect(await names()).toEqual([]);
  });

  test('an owner of the same name made anew is another owner', async () => {
    await map('child', [owned(await map('owner'))]);
    await remove('owner');
    await map('owner');
    await start();
    expect(await names()).toEqual(['owner']);
  });

  test('one owner of two is enough; the reference to the other goes', async () => {
    const [one, two] = [await map('one'), await map('two')];
    await map('child', [owned(one), owned(two)]);
    await start();
    await remove('one');
    await plane.idle();
    const child = await plane.client.get(configMapKind, { namespace: 'default', name: 'child' });
    expect(child.metadata.ownerReferences).toEqual([owned(two)]);
    await remove('two');
    await plane.idle();
    expect(await names()).toEqual([]);
  });

  test('an owner of a kind that is not known here is taken to be there', async () => {
    await map('child', [{ apiVersion: 'example.com/v1', kind: 'Thing', name: 'x', uid: 'u' }]);
    await start();
    expect(await names()).toEqual(['child']);
  });

  test('a dependent with a finalizer is marked and waits for it', async () => {
    await map('child', [owned(await map('owner'))], ['drover.dev/test']);
    await start();
    await remove('owner');
    await plane.idle();
    const child = await plane.client.get(configMapKind, { namespace: 'default', name: 'child' });
    expect(child.metadata.deletionTimestamp).toBeTruthy();
  });
});

describe('policies', () => {
  const withPolicy = (name: string, propagationPolicy: 'Foreground' | 'Orphan') =>
    plane.verbs.delete(configMapKind, { namespace: 'default', name }, { actor: 'test', propagationPolicy });

  test('Orphan frees the dependents and lets the owner go', async () => {
    await map('child', [owned(await map('owner'))]);
    await start();
    await withPolicy('owner', 'Orphan');
    await plane.idle();
    const child = await plane.client.get(configMapKind, { namespace: 'default', name: 'child' });
    expect([await names(), child.metadata.ownerReferences]).toEqual([['child'], undefined]);
  });

  test('Foreground takes nothing from an owner whose other finalizers are not done', async () => {
    await map('child', [owned(await map('owner', [], ['drover.dev/test']), { blockOwnerDeletion: true })]);
    await start();
    await withPolicy('owner', 'Foreground');
    await plane.idle();
    expect(await names()).toEqual(['child', 'owner']);
    await plane.client.patch(configMapKind, { namespace: 'default', name: 'owner' }, { metadata: { finalizers: ['foregroundDeletion'] } });
    await plane.idle();
    expect(await names()).toEqual([]);
  });

  test('Foreground keeps the owner until the dependents that block it are gone', async () => {
    await map('child', [owned(await map('owner'), { blockOwnerDeletion: true })], ['drover.dev/test']);
    await start();
    await withPolicy('owner', 'Foreground');
    await plane.idle();
    expect(await names()).toEqual(['child', 'owner']);
    await plane.client.patch(configMapKind, { namespace: 'default', name: 'child' }, { metadata: { finalizers: null } });
    await plane.idle();
    expect(await names()).toEqual([]);
  });
});

test.each([
  ['Foreground', 'goes with all its pods', []],
  ['Orphan', 'goes, and its pods are left as they are', ['web-0']],
] as const)('a service that is deleted with %s %s', async (propagationPolicy, _, pods) => {
  const key = { namespace: 'default', name: 'web' };
  await plane.client.create(managedServiceKind, {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'ManagedService',
    metadata: key,
    spec: { pods: [{ name: 'web', count: 1, tasks: [{ name: 't', command: ['true'] }] }] },
  });
  await plane.start(createServiceController({ operators: [] }), createGarbageCollector(coreKinds));
  const podNames = async () => (await plane.client.list(podKind)).items.map(({ metadata }) => metadata.name);
  expect(await podNames()).toEqual(['web-0']);
  await plane.verbs.delete(managedServiceKind, key, { actor: 'test', propagationPolicy });
  await plane.advance(120_000, 24);
  expect((await plane.client.list(managedServiceKind)).items.map(({ metadata }) => metadata.finalizers)).toEqual([]);
  expect(await podNames()).toEqual(pods);
});

describe('events', () => {
  function event(name: string, ageMs: number) {
    const at = toTime(plane.clock.now() - ageMs);
    return plane.client.create(eventKind, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'default', name },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' },
      reason: 'Tested',
      message: 'm',
      type: 'Normal',
      firstTimestamp: at,
      lastTimestamp: at,
    });
  }
  const left = async () => (await plane.client.list(eventKind)).items.map((each) => each.metadata.name);

  test('those older than an hour go, each when it is due', async () => {
    await event('old', EVENT_TTL_MS);
    await event('younger', EVENT_TTL_MS - 600_000);
    await event('young', 0);
    await plane.start(createEventCollector());
    expect(await left()).toEqual(['young', 'younger']);
    await plane.advance(600_000);
    expect(await left()).toEqual(['young']);
    await plane.advance(EVENT_TTL_MS);
    expect(await left()).toEqual([]);
  });

  test('many go in rounds', async () => {
    await Promise.all(Array.from({ length: MAX_DELETIONS + 20 }, (_, index) => event(`e${index}`, EVENT_TTL_MS)));
    await plane.start(createEventCollector());
    expect((await left()).length).toBe(20);
    await plane.advance(1000);
    expect(await left()).toEqual([]);
  });
});
