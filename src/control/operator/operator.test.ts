import { Type } from 'typebox';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Kind } from '../../model/kind.ts';
import type { Condition, Resource } from '../../model/resource.ts';
import type { Compiled, Operator } from '../../operators/operator.ts';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { DroverError, hasCode } from '../../base/errors.ts';
import { podKind } from '../../model/core/pod.ts';
import { managedServiceKind, type ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { reason } from '../../model/reason.ts';
import { ObjectMeta } from '../../model/resource.ts';
import { createGarbageCollector } from '../gc/garbage-collector.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { createOperatorControllers } from './operator.ts';

interface Zoo extends Resource {
  spec: { animals: number };
  status?: { observedGeneration?: number; conditions?: Condition[]; refusals?: { code: string }[]; seen?: number; warnings?: unknown[] };
}

const zooKind: Kind<Zoo> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'Zoo',
  plural: 'zoos',
  singular: 'zoo',
  namespaced: true,
  origin: 'crd',
  schema: Type.Object({
    apiVersion: Type.Literal('drover.dev/v1alpha1'),
    kind: Type.Literal('Zoo'),
    metadata: ObjectMeta,
    spec: Type.Object({ animals: Type.Integer() }),
    status: Type.Optional(
      Type.Object({
        observedGeneration: Type.Optional(Type.Integer()),
        conditions: Type.Optional(Type.Array(Type.Unknown())),
        refusals: Type.Optional(Type.Array(Type.Unknown())),
        warnings: Type.Optional(Type.Array(Type.Unknown())),
        seen: Type.Optional(Type.Integer()),
      }),
    ),
  }),
  hasStatus: true,
  hasGeneration: true,
  columns: [],
  description: 'A kind for tests.',
};

const key = { namespace: 'default', name: 'berlin' };
let plane: TestControlPlane;
let world: { most: number; seen: number; asked: number; broken: boolean };

beforeEach(async () => {
  plane = await openTestControlPlane([zooKind]);
  world = { most: 10, seen: 0, asked: 0, broken: false };
});
afterEach(() => plane.close());

function zooSpec(animals: number): ManagedServiceSpec {
  return { pods: [{ name: 'cage', count: animals, tasks: [{ name: 'animal', command: ['sleep', '1d'] }] }] };
}

const zooOperator: Operator<Zoo> = {
  name: 'zoo',
  kind: zooKind,
  observe: async () => ({ most: world.most }),
  compile(view, observed): Compiled {
    const { most } = observed as { most: number };
    const { animals } = view.resource.spec;
    if (animals <= most) return { accepted: true, spec: zooSpec(animals), warnings: [] };
    return { accepted: false, reasons: [reason('TooMany', `${animals} animals are more than ${most}.`, { animals, most })] };
  },
  mayStop: async () => ({ verdict: 'go', record: undefined }),
  prepare: async () => ({ verdict: 'go' }),
  settled: async () => ({ verdict: 'go' }),
  async status() {
    world.asked++;
    if (world.broken) throw new Error('cannot look');
    return { status: { seen: world.seen }, refreshAfterMs: 30_000 };
  },
};

const start = () =>
  plane.start(...createOperatorControllers(oneAtATime([zooOperator as Operator])), createGarbageCollector([zooKind, managedServiceKind]));

async function create(animals: number) {
  await plane.client.create(zooKind, { apiVersion: 'drover.dev/v1alpha1', kind: 'Zoo', metadata: key, spec: { animals } });
  await plane.idle();
}

async function change(animals: number) {
  await plane.client.patch(zooKind, key, { spec: { animals } });
  await plane.idle();
}

/** As the service controller does. */
async function judgeService(accepted: boolean, ready = accepted) {
  const service = await plane.client.get(managedServiceKind, key);
  const condition = (type: string, status: boolean, code: string) => ({
    type,
    status: status ? ('True' as const) : ('False' as const),
    reason: code,
    message: `${code} it is.`,
  });
  await plane.client.updateStatus(managedServiceKind, {
    ...service,
    status: {
      observedGeneration: service.metadata.generation!,
      conditions: [
        condition('Accepted', accepted, accepted ? 'Fine' : 'NameTaken'),
        condition('Ready', ready, ready ? 'AllReady' : 'SomeDown'),
      ],
      ...(!accepted && { refusals: [reason('NameTaken', 'NameTaken it is.')] }),
    },
  });
  await plane.idle();
}

const zoo = () => plane.client.get(zooKind, key);
const service = () => plane.client.get(managedServiceKind, key);
async function condition(type: string) {
  const found = (await zoo()).status?.conditions?.find((each) => each.type === type);
  return found && `${found.status} ${found.reason} of ${found.observedGeneration}: ${found.message}`;
}

test('a resource becomes a service of its name that it owns', async () => {
  await start();
  await create(3);
  const made = await service();
  expect(made.spec.pods[0]).toMatchObject({ name: 'cage', count: 3 });
  expect(made.spec.operator).toEqual({ name: 'zoo', resource: 'berlin' });
  expect(made.metadata.ownerReferences).toMatchObject([{ kind: 'Zoo', name: 'berlin', uid: (await zoo()).metadata.uid, controller: true }]);
});

test('Accepted waits for the verdict of the service, and is it; Ready follows', async () => {
  await start();
  await create(3);
  expect([await condition('Accepted'), (await zoo()).status?.observedGeneration]).toEqual([undefined, undefined]);
  await judgeService(true, false);
  expect([await condition('Accepted'), await condition('Ready'), (await zoo()).status?.observedGeneration]).toEqual([
    'True Fine of 1: Fine it is.',
    'False SomeDown of 1: SomeDown it is.',
    1,
  ]);
  await judgeService(true);
  expect(await condition('Ready')).toBe('True AllReady of 1: AllReady it is.');
  await change(4);
  expect([await condition('Accepted'), (await zoo()).status?.observedGeneration]).toEqual(['True Fine of 1: Fine it is.', 1]);
  await judgeService(false);
  expect([await condition('Accepted'), (await zoo()).status?.refusals]).toMatchObject([
    'False NameTaken of 2: NameTaken it is.',
    [{ code: 'NameTaken' }],
  ]);
});

test('what the operator refuses leaves the service as it was; the fix goes through and clears the refusal', async () => {
  await start();
  await create(3);
  await judgeService(true);
  await change(11);
  expect([await condition('Accepted'), (await service()).spec.pods[0]!.count]).toEqual([
    'False TooMany of 2: 11 animals are more than 10.',
    3,
  ]);
  expect(plane.lines).toContain('warn spec refused, the old one stays');
  await change(5);
  await judgeService(true);
  expect([await condition('Accepted'), (await zoo()).status?.refusals, (await service()).spec.pods[0]!.count]).toEqual([
    'True Fine of 3: Fine it is.',
    undefined,
    5,
  ]);
});

test('a refusal is looked at again, since the world may have changed', async () => {
  await start();
  await create(11);
  expect(await condition('Accepted')).toBe('False TooMany of 1: 11 animals are more than 10.');
  world.most = 20;
  await plane.advance(10_000);
  await judgeService(true);
  expect(await condition('Accepted')).toBe('True Fine of 1: Fine it is.');
});

test('a spec that was accepted stays so over a restart, whatever the world has become', async () => {
  await start();
  await create(5);
  await judgeService(true);
  world.most = 1;
  await start();
  await plane.advance(60_000, 6);
  expect(await condition('Accepted')).toBe('True Fine of 1: Fine it is.');
});

test('idle costs no write: status is asked at its time, and written when it differs', async () => {
  await start();
  await create(3);
  await judgeService(true);
  await plane.advance(2000, 2);
  const { resourceVersion } = (await zoo()).metadata;
  const before = world.asked;
  await plane.advance(300_000, 100);
  expect([(await zoo()).metadata.resourceVersion, world.asked - before]).toEqual([resourceVersion, 10]);
  world.seen = 7;
  await plane.advance(30_000);
  expect((await zoo()).status?.seen).toBe(7);
});

test('status is asked when a pod of the service changes, at most once a second', async () => {
  await start();
  await create(3);
  await judgeService(true);
  await plane.advance(5000, 5);
  const before = world.asked;
  const containers = [{ name: 'c', command: ['true'] }];
  await plane.client.create(podKind, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'berlin-0', labels: { [LABEL_SERVICE]: 'berlin' } },
    spec: { containers },
  });
  await plane.idle();
  for (let round = 0; round < 20; round++) {
    await plane.client.patch(podKind, { namespace: 'default', name: 'berlin-0' }, { metadata: { annotations: { round: String(round) } } });
    await plane.idle();
  }
  await plane.advance(1000);
  expect(world.asked - before).toBe(2);
});

test('an operator that fails to look does not hide the verdict', async () => {
  world.broken = true;
  await start();
  await create(3);
  await judgeService(true);
  expect(await condition('Accepted')).toBe('True Fine of 1: Fine it is.');
});

test('a service that somebody changes by hand is brought back', async () => {
  await start();
  await create(3);
  await judgeService(true);
  await plane.advance(2000, 2);
  await plane.client.patch(managedServiceKind, key, { spec: zooSpec(9) });
  await plane.idle();
  await plane.advance(1000);
  expect((await service()).spec.pods[0]!.count).toBe(3);
});

test('a service of that name that belongs to nobody here is not touched', async () => {
  await plane.client.create(managedServiceKind, {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'ManagedService',
    metadata: key,
    spec: zooSpec(1),
  });
  await start();
  await create(3);
  expect([await condition('Accepted'), (await service()).spec.pods[0]!.count]).toEqual([
    'False ServiceExists of 1: A ManagedService berlin exists that does not belong to this Zoo: delete it or take another name.',
    1,
  ]);
});

test('a deleted resource stays until its service has ended', async () => {
  await start();
  await create(3);
  await plane.client.patch(managedServiceKind, key, { metadata: { finalizers: ['drover.dev/pods'] } });
  await plane.idle();
  await plane.client.delete(zooKind, key);
  await plane.idle();
  expect([(await zoo()).metadata.finalizers, (await service()).metadata.deletionTimestamp]).toEqual([
    ['drover.dev/service'],
    expect.any(String),
  ]);
  await plane.client.patch(managedServiceKind, key, { metadata: { finalizers: null } });
  await plane.idle();
  for (const gone of [zoo(), service()]) await expect(gone).rejects.toSatisfy((error) => hasCode(error, 'not-found'));
});

test('one that is deleted and made anew at once gets a new service', async () => {
  await start();
  await create(3);
  const { uid } = (await service()).metadata;
  await plane.client.delete(zooKind, key);
  await plane.idle();
  await create(4);
  expect([(await service()).metadata.uid === uid, (await service()).spec.pods[0]!.count]).toEqual([false, 4]);
});

test('calls for one resource run one at a time, for two side by side; a failed one does not stop the next', async () => {
  const running: string[] = [];
  const gates: (() => void)[] = [];
  const [operator] = oneAtATime([
    {
      ...(zooOperator as Operator),
      async status(view) {
        running.push(view.resource.metadata.uid!);
        await new Promise<void>((resolve) => gates.push(resolve));
        throw new DroverError('unavailable', 'away');
      },
    },
  ]);
  const ask = (uid: string) => operator!.status({ resource: { metadata: { uid } } } as never, new AbortController().signal).catch(() => {});
  const calls = [ask('a'), ask('a'), ask('b')];
  await new Promise(setImmediate);
  expect(running).toEqual(['a', 'b']);
  gates.forEach((open) => open());
  await new Promise(setImmediate);
  expect(running).toEqual(['a', 'b', 'a']);
  gates.forEach((open) => open());
  await Promise.all(calls);
});
