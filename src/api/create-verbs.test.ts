import { expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { coreKinds } from '../model/kinds.ts';
import { createScheme } from '../model/scheme.ts';
import { configMapKind } from '../model/core/config-map.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { createVerbs } from './create-verbs.ts';

test('an object that is created is got, listed, watched, updated and deleted', async () => {
  const verbs = await createVerbs({ store: createMemoryStore(), scheme: createScheme(coreKinds), clock: new FakeClock() });
  const actor = 'me';
  const controller = new AbortController();
  const seen: string[] = [];
  const { resourceVersion } = await verbs.list(configMapKind, { namespace: 'default' });
  const watching = (async () => {
    for await (const item of verbs.watch(configMapKind, { namespace: 'default', resourceVersion, signal: controller.signal })) {
      seen.push(item.type === 'BOOKMARK' ? item.type : `${item.type} ${item.object.metadata.resourceVersion}`);
      if (item.type === 'DELETED') controller.abort();
    }
  })();
  const made = await verbs.create(configMapKind, 'default', { metadata: { name: 'a' }, data: { k: 'v' } }, { actor });
  expect(await verbs.get(configMapKind, { namespace: 'default', name: 'a' })).toEqual(made);
  const body = { ...made, data: { k: 'w' } };
  const next = await verbs.update(configMapKind, { namespace: 'default', name: 'a' }, body, { actor });
  expect((await verbs.list(configMapKind, {})).items).toEqual([next]);
  const { gone, object } = await verbs.delete(configMapKind, { namespace: 'default', name: 'a' }, { actor });
  expect(gone).toBe(true);
  await watching;
  expect(seen).toEqual([
    `ADDED ${made.metadata.resourceVersion}`,
    `MODIFIED ${next.metadata.resourceVersion}`,
    `DELETED ${object.metadata.resourceVersion}`,
  ]);
  await verbs.close();
});
