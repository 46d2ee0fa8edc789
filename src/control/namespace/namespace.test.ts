import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { hasCode } from '../../base/errors.ts';
import { configMapKind } from '../../model/core/config-map.ts';
import { eventKind } from '../../model/core/event.ts';
import { namespaceKind } from '../../model/core/namespace.ts';
import { podKind } from '../../model/core/pod.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { coreKinds } from '../../model/kinds.ts';
import { createNamespaceController } from './namespace.ts';

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await openTestControlPlane();
  await plane.client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'blue' } });
});
afterEach(() => plane.close());

const namespace = 'blue';
const start = () => plane.start(createNamespaceController({ kinds: coreKinds, first: [managedServiceKind] }));
const endNamespace = () => plane.client.delete(namespaceKind, { name: namespace });

async function isGone(): Promise<boolean> {
  try {
    await plane.client.get(namespaceKind, { name: namespace });
    return false;
  } catch (error) {
    return hasCode(error, 'not-found');
  }
}

async function addMap(name: string, finalizers: string[] = []) {
  await plane.client.create(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, finalizers } });
}

async function condition(type: string) {
  const { status } = await plane.client.get(namespaceKind, { name: namespace });
  const found = status?.conditions?.find((each) => each.type === type);
  return `${found?.status} ${found?.reason}: ${found?.message}`;
}

test('a namespace with content goes with all of it, Events too; others stay', async () => {
  await addMap('a');
  await plane.client.create(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' } });
  await plane.client.create(eventKind, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name: 'e' },
    involvedObject: { kind: 'ConfigMap', namespace, name: 'a' },
    type: 'Normal',
    reason: 'Tested',
    message: 'm',
  });
  await start();
  expect((await plane.client.list(configMapKind, { namespace })).items.length).toBe(1);
  await endNamespace();
  await plane.idle();
  expect(await isGone()).toBe(true);
  expect((await plane.client.list(configMapKind)).items.map((object) => object.metadata.namespace)).toEqual(['default']);
  expect((await plane.client.list(eventKind, { namespace })).items).toEqual([]);
});

test('services go first; the rest stays until their finalizers are done', async () => {
  const service = { namespace, name: 'svc' };
  await plane.client.create(managedServiceKind, {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'ManagedService',
    metadata: { ...service, finalizers: ['drover.dev/pods'] },
    spec: { pods: [{ name: 'web', count: 1, tasks: [{ name: 't', command: ['true'] }] }] },
  });
  await addMap('a');
  await endNamespace();
  await start();
  expect(await condition('NamespaceContentRemaining')).toBe(
    'True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances, managedservices.drover.dev has 1 resource instances',
  );
  expect(await condition('NamespaceFinalizersRemaining')).toBe(
    'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: drover.dev/pods in 1 resource instances',
  );
  const map = await plane.client.get(configMapKind, { namespace, name: 'a' });
  expect(map.metadata.deletionTimestamp).toBeUndefined();
  await plane.client.patch(managedServiceKind, service, { metadata: { finalizers: null } });
  await plane.idle();
  expect(await isGone()).toBe(true);
});

test('pods get their time to end: the namespace waits for whoever ends them', async () => {
  const spec = { nodeName: 'm1', containers: [{ name: 'c', command: ['true'] }] };
  await plane.client.create(podKind, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: 'p' }, spec });
  await start();
  await endNamespace();
  await plane.idle();
  expect((await plane.client.get(podKind, { namespace, name: 'p' })).metadata.deletionTimestamp).toBeTruthy();
  await plane.client.delete(podKind, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  await plane.idle();
  expect(await isGone()).toBe(true);
});

test('an object that somebody holds back is named, and nothing is written again and again meanwhile', async () => {
  await addMap('held', ['drover.dev/test']);
  await endNamespace();
  await start();
  const { resourceVersion } = await plane.client.list(configMapKind);
  await plane.advance(600_000, 5);
  expect((await plane.client.list(configMapKind)).resourceVersion).toBe(resourceVersion);
  expect(await condition('NamespaceFinalizersRemaining')).toContain('drover.dev/test in 1 resource instances');
  await plane.client.patch(configMapKind, { namespace, name: 'held' }, { metadata: { finalizers: null } });
  await plane.idle();
  expect(await isGone()).toBe(true);
});
