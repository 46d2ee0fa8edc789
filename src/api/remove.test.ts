import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toTime } from '../base/clock.ts';
import { coreKinds } from '../model/kinds.ts';
import { configMapKind as configMap } from '../model/core/config-map.ts';
import { namespaceKind as namespace } from '../model/core/namespace.ts';
import { podKind as pod } from '../model/core/pod.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { faultOf, itemText, openApi, type ApiFixture } from './api-fixture.ts';

let api: ApiFixture;
beforeEach(async () => {
  api = await openApi(createMemoryStore(), coreKinds);
});
afterEach(() => api.verbs.close());

const after = (seconds: number) => toTime(api.clock.now() + seconds * 1_000);
const aPod = (spec: object = {}) => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c' }], ...spec } });

describe('an object without grace', () => {
  test('goes at once; the event bears its last state and the revision of the deletion', async () => {
    const made = await api.create(configMap, { metadata: { name: 'a' }, data: { k: 'v' } });
    const { gone, object } = await api.remove(configMap, 'a');
    expect(gone).toBe(true);
    expect(object).toMatchObject({ metadata: { uid: made.metadata.uid, resourceVersion: String(api.store.revision()) }, data: { k: 'v' } });
    const [item] = (await api.watched(configMap, 1, { resourceVersion: made.metadata.resourceVersion }))!;
    expect(itemText(item!)).toBe(`DELETED a@${api.store.revision()}`);
    expect(await faultOf(api.remove(configMap, 'a'))).toBe('not-found: configmaps "a" not found');
  });

  test('waits for its finalizers, and goes with the last one', async () => {
    await api.create(configMap, { metadata: { name: 'a', finalizers: ['x.y/z', 'x.y/w'] } });
    const { gone, object } = await api.remove(configMap, 'a');
    expect(gone).toBe(false);
    expect(object.metadata).toMatchObject({ deletionTimestamp: after(0), deletionGracePeriodSeconds: 0 });
    const again = await api.remove(configMap, 'a');
    expect(again).toEqual({ gone: false, object });
    const finalizers = (list: string[] | null) => api.patch(configMap, 'a', { type: 'merge', body: { metadata: { finalizers: list } } });
    expect(await faultOf(finalizers(['x.y/z', 'x.y/w', 'x.y/v']))).toBe(
      'invalid: ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.y/v"}',
    );
    await finalizers(['x.y/w']);
    expect((await api.get(configMap, 'a')).metadata.finalizers).toEqual(['x.y/w']);
    await finalizers(null);
    expect(await faultOf(api.get(configMap, 'a'))).toBe('not-found: configmaps "a" not found');
  });

  test('Foreground and Orphan leave it to the garbage collector, Background takes that back', async () => {
    await api.create(configMap, { metadata: { name: 'a' } });
    const { object } = await api.remove(configMap, 'a', { propagationPolicy: 'Foreground' });
    expect(object.metadata.finalizers).toEqual(['foregroundDeletion']);
    expect((await api.remove(configMap, 'a', { propagationPolicy: 'Background' })).gone).toBe(true);
    await api.create(configMap, { metadata: { name: 'b' } });
    expect((await api.remove(configMap, 'b', { propagationPolicy: 'Orphan' })).object.metadata.finalizers).toEqual(['orphan']);
  });

  test('preconditions must hold', async () => {
    const { metadata } = await api.create(configMap, { metadata: { name: 'a' } });
    expect(await faultOf(api.remove(configMap, 'a', { uid: 'x' }))).toBe(
      `conflict: Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
    expect(await faultOf(api.remove(configMap, 'a', { resourceVersion: '1' }))).toBe(
      `conflict: Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
    const right = { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
    expect((await api.remove(configMap, 'a', { ...right, dryRun: true })).gone).toBe(true);
    expect((await api.remove(configMap, 'a', right)).gone).toBe(true);
  });
});

describe('a pod', () => {
  test.each([
    ['on no machine', aPod(), undefined],
    ['that has ended', aPod({ nodeName: 'm1' }), 'Succeeded'],
    ['that has failed', aPod({ nodeName: 'm1' }), 'Failed'],
  ])('%s goes at once', async (_, body, phase) => {
    await api.create(pod, body);
    if (phase) await api.patch(pod, 'p', { type: 'merge', body: { status: { phase } } }, { subresource: 'status' });
    expect((await api.remove(pod, 'p', { gracePeriodSeconds: 60 })).gone).toBe(true);
  });

  test('on a machine waits for its agent; the time can only become shorter', async () => {
    await api.create(pod, aPod({ nodeName: 'm1', terminationGracePeriodSeconds: 45 }));
    const steps: [number | undefined, number][] = [
      [60, 60],
      [undefined, 60],
      [90, 60],
      [5, 5],
      [10, 5],
    ];
    const begun = api.clock.now();
    for (const [wanted, grace] of steps) {
      const { gone, object } = await api.remove(pod, 'p', wanted === undefined ? {} : { gracePeriodSeconds: wanted });
      expect(gone).toBe(false);
      expect(object.metadata).toMatchObject({
        deletionGracePeriodSeconds: grace,
        deletionTimestamp: toTime(begun + grace * 1_000),
        generation: 2,
      });
      api.clock.advance(1_000);
    }
    expect((await api.remove(pod, 'p', { gracePeriodSeconds: 0 })).gone).toBe(true);
  });

  test('has the grace of its spec by default', async () => {
    await api.create(pod, aPod({ nodeName: 'm1', terminationGracePeriodSeconds: 45 }));
    expect((await api.remove(pod, 'p')).object.metadata.deletionGracePeriodSeconds).toBe(45);
  });

  test('with a finalizer stays after its end, until that is taken away', async () => {
    await api.create(pod, { ...aPod({ nodeName: 'm1' }), metadata: { name: 'p', finalizers: ['x.y/z'] } });
    await api.remove(pod, 'p');
    expect((await api.remove(pod, 'p', { gracePeriodSeconds: 0 })).gone).toBe(false);
    await api.patch(pod, 'p', { type: 'merge', body: { metadata: { finalizers: null } } });
    expect(await faultOf(api.get(pod, 'p'))).toMatch(/^not-found/);
  });

  test('loses its finalizer but waits on for its agent', async () => {
    await api.create(pod, { ...aPod({ nodeName: 'm1' }), metadata: { name: 'p', finalizers: ['x.y/z'] } });
    await api.remove(pod, 'p');
    await api.patch(pod, 'p', { type: 'merge', body: { metadata: { finalizers: null } } });
    expect((await api.get(pod, 'p')).metadata.deletionGracePeriodSeconds).toBe(30);
  });
});

describe('a namespace', () => {
  test('is Terminating until its finalizer is taken away, by an update or through finalize', async () => {
    for (const subresource of [undefined, 'finalize'] as const) {
      const made = await api.create(namespace, { metadata: { name: 'ns' } });
      expect(made).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': 'ns' } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
      const request = subresource ? { subresource } : {};
      const { gone, object } = await api.remove(namespace, 'ns');
      expect(gone).toBe(false);
      expect(object).toMatchObject({ metadata: { deletionTimestamp: after(0) }, status: { phase: 'Terminating' } });
      expect(object.metadata.deletionGracePeriodSeconds).toBeUndefined();
      await api.update(namespace, { metadata: { name: 'ns' }, spec: {} });
      expect(await api.get(namespace, 'ns')).toMatchObject({ spec: { finalizers: ['kubernetes'] } });
      await api.update(namespace, { metadata: { name: 'ns' }, spec: { finalizers: [] } }, request);
      expect(await faultOf(api.get(namespace, 'ns'))).toBe('not-found: namespaces "ns" not found');
    }
  });

  test('an active one keeps its finalizer, whatever an update says', async () => {
    await api.create(namespace, { metadata: { name: 'ns' } });
    expect(await api.update(namespace, { metadata: { name: 'ns' }, spec: { finalizers: [] } })).toMatchObject({
      spec: { finalizers: ['kubernetes'] },
    });
  });

  test('default and kube-system stay', async () => {
    for (const name of ['default', 'kube-system']) {
      expect(await faultOf(api.remove(namespace, name))).toBe(
        `forbidden: namespaces "${name}" is forbidden: this namespace may not be deleted`,
      );
    }
  });
});

test('a collection goes by selector, and what went meanwhile is no fault', async () => {
  for (const name of ['a', 'b', 'c']) await api.create(configMap, { metadata: { name, labels: { keep: String(name === 'c') } } });
  const list = { namespace: 'default', labelSelector: 'keep=false' };
  const both = await Promise.all([1, 2].map(() => api.verbs.deleteCollection(configMap, list, { actor: 'me' })));
  expect(both[0]!.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
  expect((await api.verbs.list(configMap, {})).items.map(({ metadata }) => metadata.name)).toEqual(['c']);
});
