import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { hasCode } from '../../base/errors.ts';
import { configMapKind, type ConfigMap } from '../../model/core/config-map.ts';
import { eventKind } from '../../model/core/event.ts';
import { podInstanceKind, type PodInstance } from '../../model/drover/pod-instance.ts';
import { LABEL_INDEX, LABEL_POD_TYPE, LABEL_SERVICE } from '../../model/labels.ts';
import type { OwnerReference, Stored } from '../../model/resource.ts';
import { putFiles } from './put-files.ts';

const key = { namespace: 'default', name: 'web-0-files' };
const labels = { [LABEL_SERVICE]: 'web', [LABEL_POD_TYPE]: 'web', [LABEL_INDEX]: '0' };
let plane: TestControlPlane;
let instance: Stored<PodInstance>;

beforeEach(async () => {
  plane = await openTestControlPlane();
  instance = await plane.client.create(podInstanceKind, {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'PodInstance',
    metadata: { namespace: 'default', name: 'web-0' },
    spec: {
      service: 'web',
      podType: 'web',
      index: 0,
      revision: 'web-1',
      podHash: 'h',
      incarnation: 1,
      desired: 'Running',
      ports: {},
      volumes: [],
    },
  });
});
afterEach(() => plane.close());

function owner(more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'drover.dev/v1alpha1', kind: 'PodInstance', name: 'web-0', uid: instance.metadata.uid, ...more };
}

function files(metadata: ConfigMap['metadata'], text: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, ...key }, data: { 'a.conf': text } };
}

/** Puts the files, as the service controller does; the error, or undefined. */
async function put(): Promise<unknown> {
  let fault: unknown;
  await plane.start({
    name: 'test',
    watches: [{ kind: podInstanceKind }],
    writes: [],
    reconcile: (_, context) =>
      putFiles(files({ labels, ownerReferences: [owner()] }, 'new'), context).catch((error: unknown) => {
        fault = error;
      }),
  });
  return fault;
}

test.each<[string, () => ConfigMap['metadata'] | undefined]>([
  ['nothing has the name', () => undefined],
  ['it is this instance’s', () => ({ labels, ownerReferences: [owner()] })],
  ['it is an earlier instance’s of the name', () => ({ labels, ownerReferences: [owner({ uid: 'earlier' })] })],
  ['it is an orphan of an earlier one', () => ({ labels })],
])('the files are there afterwards, and are the instance’s, when %s', async (_, before) => {
  const metadata = before();
  if (metadata) await plane.client.create(configMapKind, files(metadata, 'old'));
  expect(await put()).toBeUndefined();
  const after = await plane.client.get(configMapKind, key);
  expect([after.data, after.metadata.ownerReferences?.map(({ uid }) => uid)]).toEqual([{ 'a.conf': 'new' }, [instance.metadata.uid]]);
});

test.each<[string, () => ConfigMap['metadata']]>([
  ['a person’s', () => ({})],
  ['of another kind of owner', () => ({ labels, ownerReferences: [owner({ kind: 'ManagedService' })] })],
  ['another instance’s', () => ({ labels, ownerReferences: [owner({ name: 'other-0' })] })],
  ['a person’s with a label of the service', () => ({ labels: { [LABEL_SERVICE]: 'web' } })],
])('a ConfigMap that is %s stays as it is, and an event says what to do', async (_, metadata) => {
  const before = await plane.client.create(configMapKind, files(metadata(), 'mine'));
  expect(hasCode(await put(), 'already-exists')).toBe(true);
  expect(await plane.client.get(configMapKind, key)).toEqual(before);
  const { items } = await plane.client.list(eventKind);
  expect(items.map((event) => [event.involvedObject.name, event.type, event.reason, event.message])).toEqual([
    ['web-0', 'Warning', 'FilesNameTaken', 'A ConfigMap named web-0-files exists that is not of this service: delete it.'],
  ]);
});
