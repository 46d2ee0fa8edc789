import { expect, test } from 'vitest';
import { configMapKind, type ConfigMap } from '../../model/core/config-map.ts';
import type { Stored } from '../../model/resource.ts';
import type { Cache } from '../controller.ts';
import { OwnWrites } from './own-writes.ts';

function map(name: string, resourceVersion: string): Stored<ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', name, uid: name, resourceVersion, creationTimestamp: '' },
  };
}

/** A cache that shows what the test says. */
function cache(...objects: Stored<ConfigMap>[]): Cache<ConfigMap> {
  return {
    get: ({ name }) => objects.find((object) => object.metadata.name === name),
    list: () => objects,
    byLabel: () => objects,
    byOwner: () => objects,
  };
}

const seen = (writes: OwnWrites, nowMs: number, ...cached: Stored<ConfigMap>[]) => ({
  get: writes.get(configMapKind, cache(...cached), 'default', 'a')?.metadata.resourceVersion,
  list: writes.list(configMapKind, cached, () => true, nowMs).map((object) => object.metadata.resourceVersion),
});

test('an update is seen until the cache has caught up, also over several writes, and then what others wrote', () => {
  const writes = new OwnWrites();
  writes.record(configMapKind, map('a', '1'), map('a', '2'), 0);
  writes.record(configMapKind, map('a', '2'), map('a', '3'), 0);
  expect(seen(writes, 0, map('a', '1'))).toEqual({ get: '3', list: ['3'] });
  expect(seen(writes, 0, map('a', '2'))).toEqual({ get: '3', list: ['3'] });
  expect(seen(writes, 0, map('a', '4'))).toEqual({ get: '4', list: ['4'] });
  expect(seen(writes, 0, map('a', '1'))).toEqual({ get: '1', list: ['1'] });
});

test('what was created is there before the cache shows it; what was deleted is not', () => {
  const writes = new OwnWrites();
  writes.record(configMapKind, undefined, map('a', '5'), 0);
  expect(seen(writes, 0)).toEqual({ get: '5', list: ['5'] });
  writes.record(configMapKind, map('a', '5'), undefined, 0);
  expect(seen(writes, 0)).toEqual({ get: undefined, list: [] });
  expect(seen(writes, 0, map('a', '5'))).toEqual({ get: undefined, list: [] });
});

test('a write that the cache never showed is forgotten', () => {
  const writes = new OwnWrites();
  writes.record(configMapKind, undefined, map('a', '5'), 0);
  expect(seen(writes, 9_000).list).toEqual(['5']);
  expect(seen(writes, 11_000)).toEqual({ get: '5', list: [] });
  expect(seen(writes, 11_001).get).toBeUndefined();
});
