import { expect, test } from 'vitest';
import { createVerbs } from '../api/create-verbs.ts';
import { hasCode } from '../base/errors.ts';
import { configMapKind, type ConfigMap } from '../model/core/config-map.ts';
import { podKind } from '../model/core/pod.ts';
import { coreKinds } from '../model/kinds.ts';
import { createScheme } from '../model/scheme.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createInProcessClient } from './in-process.ts';

async function open() {
  const scheme = createScheme(coreKinds);
  const verbs = await createVerbs({ store: createMemoryStore(), scheme });
  return { verbs, client: createInProcessClient(verbs, 'system:test', scheme) };
}

test('the whole life of an object, addressed without its schema', async () => {
  const { verbs, client } = await open();
  const ref = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true } as const;
  const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' }, data: { k: 'v' } };
  const made = await client.create(ref, object);
  expect(await client.get(ref, { namespace: 'default', name: 'a' })).toBe(made);
  const patched = await client.patch(configMapKind, { namespace: 'default', name: 'a' }, { data: { k: null, l: 'w' } });
  expect(patched.data).toEqual({ l: 'w' });
  expect((await client.list(configMapKind, { namespace: 'default' })).items).toEqual([patched]);
  await expect(client.update(configMapKind, made)).rejects.toSatisfy((error) => hasCode(error, 'conflict'));
  expect(await client.delete(configMapKind, { namespace: 'default', name: 'a' })).toBeUndefined();
  await verbs.close();
});

test('what a caller does to its object afterwards is its own affair', async () => {
  const { verbs, client } = await open();
  const data: Record<string, string> = { k: 'v' };
  const key = { namespace: 'default', name: 'a' };
  await client.create(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key }, data });
  data['k'] = 'changed';
  expect((await client.get(configMapKind, key)).data).toEqual({ k: 'v' });
  await verbs.close();
});

test('status is written apart, and a pod that waits for its end is handed back', async () => {
  const { verbs, client } = await open();
  const key = { namespace: 'default', name: 'p' };
  const pod = await client.create(podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...key },
    spec: { nodeName: 'm1', containers: [{ name: 'c', image: undefined as unknown as string }] },
  });
  const running = await client.updateStatus(podKind, { ...pod, status: { phase: 'Running' } });
  expect(running.status?.phase).toBe('Running');
  expect((await client.delete(podKind, key))?.metadata.deletionGracePeriodSeconds).toBe(30);
  await verbs.close();
});
