import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../base/fake-clock.ts';
import { configMapKind, type ConfigMap } from '../model/core/config-map.ts';
import { FakeClient } from './fake-client.ts';
import { Informer, type ObjectChange } from './informer.ts';

const clock = new FakeClock();
let client: FakeClient;
let informer: Informer<ConfigMap>;
let seen: string[];

beforeEach(() => {
  client = new FakeClient(clock);
  seen = [];
});
afterEach(() => informer.close());

function map(name: string, value = 'a', labels: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name, labels }, data: { value } };
}

function text(change: ObjectChange<ConfigMap>): string {
  const now = `${change.type} ${change.object.metadata.name}=${change.object.data?.['value']}`;
  return change.type === 'changed' ? `${now} was ${change.old.data?.['value']}` : now;
}

function start(options: { onFault?: (error: unknown) => void; labelSelector?: string } = {}) {
  informer = new Informer({ client, kind: configMapKind, clock, onChange: (change) => seen.push(text(change)), ...options });
  return informer.synced;
}

async function change(name: string, value: string) {
  await client.patch(configMapKind, { namespace: 'default', name }, { data: { value } });
}

test('the first list and then each change are told with the state before', async () => {
  await client.create(configMapKind, map('one'));
  await start();
  await client.create(configMapKind, map('two'));
  await change('one', 'b');
  await client.delete(configMapKind, { namespace: 'default', name: 'two' });
  await informer.caughtUp();
  expect(seen).toEqual(['added one=a', 'added two=a', 'changed one=b was a', 'removed two=a']);
  expect(informer.cache.list().map((object) => object.metadata.name)).toEqual(['one']);
});

test('a broken watch goes on where it was, after a pause', async () => {
  await start({ onFault: () => {} });
  await client.create(configMapKind, map('one'));
  await informer.caughtUp();
  client.breakWatches();
  await client.create(configMapKind, map('two'));
  await informer.caughtUp();
  expect(seen).toEqual(['added one=a']);
  clock.advance(100);
  await informer.caughtUp();
  expect(seen).toEqual(['added one=a', 'added two=a']);
  expect(client.requests.filter((request) => request.startsWith('watch'))).toEqual(['watch configmaps 0', 'watch configmaps 1']);
});

test('what was missed beyond the log is told as changes after a new list: added, changed, removed, replaced', async () => {
  for (const name of ['stays', 'changes', 'goes', 'anew']) await client.create(configMapKind, map(name));
  await start({ onFault: () => {} });
  seen.length = 0;
  client.breakWatches();
  await change('changes', 'b');
  await client.delete(configMapKind, { namespace: 'default', name: 'goes' });
  await client.delete(configMapKind, { namespace: 'default', name: 'anew' });
  await client.create(configMapKind, map('anew', 'c'));
  await client.create(configMapKind, map('comes'));
  client.compact();
  await informer.caughtUp();
  for (let step = 0; step < 3; step++) {
    clock.advance(1000);
    await informer.caughtUp();
  }
  expect(seen.toSorted()).toEqual(['added anew=c', 'added comes=a', 'changed changes=b was a', 'removed anew=a', 'removed goes=a']);
});

test('a server that is away at the start is asked again, ever more seldom, until it answers', async () => {
  const faults: unknown[] = [];
  let away = true;
  client.fault = (request) => {
    if (away && request.startsWith('list')) throw new Error('away');
  };
  await client.create(configMapKind, map('one'));
  const synced = start({ onFault: (error) => faults.push(error) });
  await informer.caughtUp().catch(() => {});
  for (const pauseMs of [100, 200, 400]) {
    clock.advance(pauseMs);
    await new Promise(setImmediate);
  }
  expect(faults.length).toBeGreaterThanOrEqual(3);
  away = false;
  clock.advance(800);
  await synced;
  expect(seen).toEqual(['added one=a']);
});

test('a selector limits what is kept; an object that no longer matches is told as removed', async () => {
  await client.create(configMapKind, map('mine', 'a', { who: 'me' }));
  await client.create(configMapKind, map('other', 'a', { who: 'you' }));
  await start({ labelSelector: 'who=me' });
  await client.patch(configMapKind, { namespace: 'default', name: 'mine' }, { metadata: { labels: { who: 'you' } } });
  await informer.caughtUp();
  expect(seen).toEqual(['added mine=a', 'removed mine=a']);
});

test('indexes by label and owner follow every change', async () => {
  await client.create(configMapKind, map('b', 'a', { who: 'me' }));
  await client.create(configMapKind, map('a', 'a', { who: 'me' }));
  await start();
  const names = () => informer.cache.byLabel('default', 'who', 'me').map((object) => object.metadata.name);
  const owned = () => informer.cache.byOwner('u1').map((object) => object.metadata.name);
  expect([names(), owned()]).toEqual([['a', 'b'], []]);
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u1' }];
  await client.patch(configMapKind, { namespace: 'default', name: 'b' }, { metadata: { labels: { who: 'you' }, ownerReferences } });
  await client.delete(configMapKind, { namespace: 'default', name: 'a' });
  await informer.caughtUp();
  expect([names(), owned()]).toEqual([[], ['b']]);
});

test('closing before the first list rejects synced and leaves nothing running', async () => {
  client.fault = () => {
    throw new Error('away');
  };
  const synced = start({ onFault: () => {} });
  await informer.close();
  await expect(synced).rejects.toThrow('closed');
});
