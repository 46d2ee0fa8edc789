import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode, type DroverError } from '../base/errors.ts';
import { coreKinds } from '../model/kinds.ts';
import { configMapKind as configMap } from '../model/core/config-map.ts';
import { podKind as pod } from '../model/core/pod.ts';
import { keyOf, type Resource, type Stored } from '../model/resource.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { faultOf, itemText, openApi, type ApiFixture } from './api-fixture.ts';
import type { ListRequest, WatchItem, WatchRequest } from './verbs.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await openApi(createMemoryStore(), coreKinds);
});
afterEach(() => api.verbs.close());

const map = (name: string, labels: Record<string, string> = {}) => api.create(configMap, { metadata: { name, labels } });
const names = (items: readonly Stored<Resource>[]) => items.map(({ metadata }) => metadata.name).join(' ');
const list = (request: ListRequest = {}) => api.verbs.list(configMap, { namespace: 'default', ...request });
const onlyName = (name: string) => ({ fieldSelector: `metadata.name=${name}` });

test('a watch whose caller has left already ends at once, without error', async () => {
  const items = [];
  for await (const item of api.verbs.watch(configMap, { namespace: 'default', signal: AbortSignal.abort() })) items.push(item);
  expect(items).toEqual([]);
});

describe('list', () => {
  test('shows a namespace, all of them, or what selectors choose, in the order of names', async () => {
    for (const name of ['b', 'a', 'c']) await map(name, { even: String(name === 'b') });
    await api.verbs.create(configMap, 'kube-system', { metadata: { name: 'z' } }, { actor: 'me' });
    expect(names((await list()).items)).toBe('a b c');
    expect(names((await api.verbs.list(configMap, {})).items)).toBe('a b c z');
    expect(names((await list({ labelSelector: 'even=true' })).items)).toBe('b');
    expect(names((await list(onlyName('c'))).items)).toBe('c');
    expect(names((await list({ ...onlyName('c'), labelSelector: 'even=true' })).items)).toBe('');
    expect((await list()).resourceVersion).toBe(String(api.store.revision()));
  });

  test('a namespace whose name begins like another is another', async () => {
    await api.verbs.create(configMap, 'kube-system', { metadata: { name: 'z' } }, { actor: 'me' });
    expect((await api.verbs.list(configMap, { namespace: 'kube' })).items).toEqual([]);
  });

  test('pages show one revision, even when objects come and go between them', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await map(name);
    const first = await list({ limit: 2 });
    expect([names(first.items), first.remainingItemCount]).toEqual(['a b', 3]);
    await map('bb');
    await api.remove(configMap, 'd');
    const second = await list({ limit: 2, continue: first.continue! });
    expect([names(second.items), second.remainingItemCount, second.resourceVersion]).toEqual(['c d', 1, first.resourceVersion]);
    const third = await list({ limit: 2, continue: second.continue! });
    expect([names(third.items), third.continue, third.remainingItemCount]).toEqual(['e', undefined, undefined]);
  });

  test('pages with a selector do not count what remains', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await map(name, { x: 'y' });
    const first = await list({ limit: 2, labelSelector: 'x=y' });
    expect([first.remainingItemCount, typeof first.continue]).toEqual([undefined, 'string']);
    await map('e', { x: 'n' });
    expect(names((await list({ limit: 5, labelSelector: 'x=y', continue: first.continue! })).items)).toBe('c d');
  });

  test('a page of a forgotten revision is refused with a token that goes on from the present', async () => {
    for (const name of ['a', 'b', 'c']) await map(name);
    const first = await list({ limit: 1 });
    await map('d');
    await api.store.compact(api.store.revision());
    const error = await list({ limit: 1, continue: first.continue! }).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'compacted')).toBe(true);
    expect((error as Error).message).toMatch(/^The provided continue parameter is too old to display a consistent list result/);
    const rest = await list({ continue: (error as DroverError).continueToken! });
    expect(names(rest.items)).toBe('b c d');
  });

  test('a revision: exact, at least, any', async () => {
    const a = await map('a');
    await map('b');
    const at = a.metadata.resourceVersion;
    expect(names((await list({ resourceVersion: at, resourceVersionMatch: 'Exact' })).items)).toBe('a');
    expect(names((await list({ resourceVersion: at, resourceVersionMatch: 'NotOlderThan' })).items)).toBe('a b');
    expect(names((await list({ resourceVersion: at })).items)).toBe('a b');
    expect(names((await list({ resourceVersion: at, limit: 5 })).items)).toBe('a');
    expect(names((await list({ resourceVersion: '0', limit: 1 })).items)).toBe('a b');
  });

  test('a revision from the future is waited for three seconds', async () => {
    const call = faultOf(list({ resourceVersion: '999' }));
    await Promise.resolve();
    api.clock.advance(3_000);
    expect(await call).toBe(`timeout: Timeout: Too large resource version: 999, current: ${api.store.revision()}`);
    const wanted = String(api.store.revision() + 1);
    const waiting = list({ resourceVersion: wanted });
    await map('late');
    expect(names((await waiting).items)).toBe('late');
  });

  test.each<[ListRequest, string]>([
    [
      { resourceVersion: 'x' },
      'bad-request: invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      { resourceVersionMatch: 'Exact' },
      'invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      { resourceVersionMatch: 'Exact', resourceVersion: '0' },
      'invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      { resourceVersionMatch: 'Foo', resourceVersion: '1' },
      'invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      { resourceVersionMatch: 'Exact', resourceVersion: '5', continue: 'x' },
      'invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
    [{ continue: 'zzz' }, 'bad-request: invalid continue token: continue key is not valid'],
    [{ continue: Buffer.from('{"v":"meta.k8s.io/v1","rv":"x"}').toString('base64url') }, 'bad-request: invalid continue token'],
    [{ resourceVersionMatch: 'Exact', resourceVersion: '999' }, 'timeout: Timeout: Too large resource version: 999, current: 3'],
    [{ fieldSelector: 'a.b=c' }, 'bad-request: field label not supported: a.b'],
    [{ labelSelector: 'a b' }, 'bad-request: unable to parse requirement'],
  ])('refuses %j', async (request, fault) => {
    expect(await faultOf(list(request))).toContain(fault);
  });
});

describe('watch', () => {
  const seen = async (count: number, request?: Partial<WatchRequest>) => (await api.watched(configMap, count, request)).map(itemText);

  test('begins with what is there, from any state or the newest', async () => {
    const a = await map('a');
    const b = await map('b');
    const expected = [`ADDED a@${a.metadata.resourceVersion}`, `ADDED b@${b.metadata.resourceVersion}`];
    expect(await seen(2)).toEqual(expected);
    expect(await seen(2, { resourceVersion: '0' })).toEqual(expected);
  });

  test('goes on from a revision', async () => {
    const a = await map('a');
    await map('b');
    await api.remove(configMap, 'a');
    const from = Number(a.metadata.resourceVersion);
    expect(await seen(2, { resourceVersion: String(from) })).toEqual([`ADDED b@${from + 1}`, `DELETED a@${from + 2}`]);
  });

  test('ends the initial events with a bookmark when it is asked to', async () => {
    const a = await map('a');
    const revision = api.store.revision();
    const request = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true };
    expect(await seen(2, request)).toEqual([`ADDED a@${a.metadata.resourceVersion}`, `BOOKMARK @${revision} end`]);
    const controller = new AbortController();
    const items: string[] = [];
    const { allowWatchBookmarks: _, ...without } = request;
    for await (const item of api.verbs.watch(configMap, { ...without, signal: controller.signal })) {
      items.push(itemText(item));
      if (item.type === 'ADDED' && item.object.metadata.name === 'b') controller.abort();
      else await map('b');
    }
    expect(items).toEqual([`ADDED a@${revision}`, `ADDED b@${revision + 1}`]);
  });

  test('what enters and leaves a selector is ADDED and DELETED with its last matching state', async () => {
    const made = await map('a', { x: '1' });
    const from = made.metadata.resourceVersion;
    const label = (value: string) => api.patch(configMap, 'a', { type: 'merge', body: { metadata: { labels: { x: value } } } });
    await label('2');
    await label('1');
    await api.patch(configMap, 'a', { type: 'merge', body: { data: { k: 'v' } } });
    await label('3');
    await api.remove(configMap, 'a');
    const items = await api.watched(configMap, 4, { resourceVersion: from, labelSelector: 'x=1' });
    const at = Number(from);
    expect(items.map(itemText)).toEqual([`DELETED a@${at + 1}`, `ADDED a@${at + 2}`, `MODIFIED a@${at + 3}`, `DELETED a@${at + 4}`]);
    const last = items[3] as unknown as { object: Resource & { data: object } };
    expect([last.object.metadata.labels, last.object.data]).toEqual([{ x: '1' }, { k: 'v' }]);
  });

  test('bookmarks come about once a minute to those who asked', async () => {
    const next = api.watched(configMap, 1, { resourceVersion: '0', allowWatchBookmarks: true });
    await new Promise((resolve) => setImmediate(resolve));
    api.clock.advance(60_000);
    expect((await next).map(itemText)).toEqual([`BOOKMARK @${api.store.revision()}`]);
  });

  test('a forgotten revision is told as such', async () => {
    await map('a');
    await map('b');
    await api.store.compact(api.store.revision());
    const later = await openApi(api.store, coreKinds);
    expect(await faultOf(later.watched(configMap, 1, { resourceVersion: '1' }))).toMatch(/^compacted: too old resource version: 1 \(5\)$/);
    await later.verbs.close();
  });

  test('goes on over a restart of the server', async () => {
    const a = await map('a');
    await map('b');
    await api.verbs.close();
    api = await openApi(api.store, coreKinds);
    expect(await seen(1, { resourceVersion: a.metadata.resourceVersion })).toEqual([`ADDED b@${api.store.revision()}`]);
  });

  test('ends without a fault when the server closes', async () => {
    const controller = new AbortController();
    const items = api.verbs.watch(configMap, { resourceVersion: '0', signal: controller.signal })[Symbol.asyncIterator]();
    const next = items.next();
    await new Promise((resolve) => setImmediate(resolve));
    await api.verbs.close();
    expect((await next).done).toBe(true);
  });

  test('a reader that is far too slow is cut off', async () => {
    const { WATCH_CAPACITY } = await import('./watch.ts');
    const controller = new AbortController();
    const items = api.verbs.watch(configMap, { namespace: 'default', signal: controller.signal })[Symbol.asyncIterator]();
    await map('a');
    await items.next();
    for (let i = 0; i <= WATCH_CAPACITY; i++) await api.patch(configMap, 'a', { type: 'merge', body: { data: { i: String(i) } } });
    expect(await faultOf(items.next() as Promise<unknown>)).toMatch(/^compacted: .* read too slowly/);
    controller.abort();
  });

  test.each<[Partial<WatchRequest>, string]>([
    [{ sendInitialEvents: true }, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    [
      { sendInitialEvents: true, resourceVersionMatch: 'Exact' },
      'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
    [{ resourceVersionMatch: 'NotOlderThan' }, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'],
    [{ resourceVersion: 'x' }, 'parsing "x": invalid syntax'],
  ])('refuses %j', async (request, fault) => {
    expect(await faultOf(api.watched(configMap, 1, request))).toContain(fault);
  });
});

test('a get may ask for any state or one that is new enough', async () => {
  const made = await map('a');
  const get = (resourceVersion: string) => api.verbs.get(configMap, { namespace: 'default', name: 'a' }, { resourceVersion });
  expect(await get('0')).toBe(made);
  expect(await get(made.metadata.resourceVersion)).toBe(made);
  const call = faultOf(get('999'));
  await Promise.resolve();
  api.clock.advance(3_000);
  expect(await call).toMatch(/^timeout: Timeout: Too large resource version: 999/);
});

test('a list and the watch after it give what a later list gives, whatever is written and whatever selector looks', async () => {
  const action = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('create', 'label', 'delete'),
    label: fc.constantFrom('1', '2'),
  });
  const selector = fc.constantFrom({}, { labelSelector: 'x=1' }, { labelSelector: 'x!=1' }, { fieldSelector: 'metadata.name!=b' });
  const world = await openApi(createMemoryStore(), coreKinds);
  const act = async ({ name, what, label }: { name: string; what: string; label: string }) => {
    if (what === 'create') await world.create(configMap, { metadata: { name, labels: { x: label } } });
    if (what === 'label') await world.patch(configMap, name, { type: 'merge', body: { metadata: { labels: { x: label } } } });
    if (what === 'delete') await world.remove(configMap, name);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 8 }),
      fc.array(action, { maxLength: 12 }),
      selector,
      async (before, during, selected) => {
        const quietly = async (actions: typeof before) => {
          for (const one of actions) await act(one).catch(() => undefined);
        };
        await quietly(before);
        const request = { namespace: 'default', ...selected };
        const start = await world.verbs.list(configMap, request);
        const copy = new Map(start.items.map((object) => [keyOf(object).name, object]));
        const controller = new AbortController();
        const items = world.verbs.watch(configMap, { ...request, resourceVersion: start.resourceVersion, signal: controller.signal });
        const replaying = (async () => {
          for await (const item of items) {
            if (item.type === 'BOOKMARK') continue;
            expect(isLegal(item, copy)).toBe(true);
            if (item.type === 'DELETED') copy.delete(item.object.metadata.name);
            else copy.set(item.object.metadata.name, item.object);
          }
        })();
        await quietly(during);
        const end = await world.verbs.list(configMap, request);
        await new Promise((resolve) => setImmediate(resolve));
        controller.abort();
        await replaying;
        expect([...copy.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(end.items);
      },
    ),
    { numRuns: 60 },
  );
  await world.verbs.close();
});

/** ADDED only of what is not there, MODIFIED and DELETED only of what is. */
function isLegal(item: WatchItem, copy: ReadonlyMap<string, unknown>): boolean {
  return item.type === 'BOOKMARK' || copy.has(item.object.metadata.name) === (item.type !== 'ADDED');
}

test('no acknowledged write is lost when writers contend: each adds to a list that it read, and repeats on conflict', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 6 }), async (writers, writes) => {
      const world = await openApi(createMemoryStore(), coreKinds);
      await world.create(configMap, { metadata: { name: 'a' } });
      const acknowledged: string[] = [];
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let i = 0; i < writes;) {
            const mark = `w${writer}-${i}`;
            const object = (await world.get(configMap, 'a')) as Stored<Resource> & { data?: Record<string, string> };
            try {
              await world.update(configMap, { ...object, data: { ...object.data, [mark]: 'x' } });
              acknowledged.push(mark);
              i++;
            } catch (error) {
              if (!hasCode(error, 'conflict')) throw error;
            }
          }
        }),
      );
      const end = (await world.get(configMap, 'a')) as Stored<Resource> & { data: object };
      expect(Object.keys(end.data).sort()).toEqual(acknowledged.sort());
      await world.verbs.close();
    }),
    { numRuns: 20 },
  );
});

test('a pod is found by the machine that it is on', async () => {
  await api.create(pod, { metadata: { name: 'p' }, spec: { nodeName: 'm1', containers: [{ name: 'c' }] } });
  expect(names((await api.verbs.list(pod, { fieldSelector: 'spec.nodeName=m1' })).items)).toBe('p');
  expect((await api.verbs.list(pod, { fieldSelector: 'spec.nodeName=m2' })).items).toEqual([]);
});
