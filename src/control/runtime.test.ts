import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConfigMap } from '../model/core/config-map.ts';
import type { Controller, ControllerContext, Log, Result } from './controller.ts';
import type { ControllerRuntime } from './runtime.ts';
import { DroverError } from '../base/errors.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeClient } from '../client/fake-client.ts';
import { configMapKind } from '../model/core/config-map.ts';
import { secretKind } from '../model/core/secret.ts';
import { parseKey } from '../model/resource.ts';
import { startControllers } from './runtime.ts';

let clock: FakeClock;
let client: FakeClient;
let runtime: ControllerRuntime | undefined;
let lines: string[];

const log: Log = {
  info: (_, message) => lines.push(`info ${message}`),
  warn: (_, message) => lines.push(`warn ${message}`),
  error: (_, message) => lines.push(`error ${message}`),
};

beforeEach(() => {
  clock = new FakeClock();
  client = new FakeClient(clock);
  lines = [];
});
afterEach(async () => {
  await runtime?.close();
  runtime = undefined;
});

function map(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name }, data };
}

type Reconcile = (key: string, context: ControllerContext) => Promise<Result | void>;

function controller(reconcile: Reconcile, more: Partial<Controller> = {}): Controller {
  return { name: 'test', watches: [{ kind: configMapKind }], writes: ['configmaps.data'], reconcile, ...more };
}

async function start(...controllers: Controller[]) {
  runtime = await startControllers({ client, clock, log, controllers });
  await runtime.idle();
  return runtime;
}

async function put(name: string, data: Record<string, string>) {
  await client.patch(configMapKind, { namespace: 'default', name }, { data });
}

test('every object wakes its key at the start and at each change, and the cache shows it', async () => {
  const seen: string[] = [];
  await client.create(configMapKind, map('a', { v: '1' }));
  await start(
    controller(async (key, { caches }) => {
      seen.push(`${key}=${caches.of(configMapKind).get(parseKey(key))?.data?.['v'] ?? 'gone'}`);
    }),
  );
  await put('a', { v: '2' });
  await runtime!.idle();
  await client.delete(configMapKind, { namespace: 'default', name: 'a' });
  await runtime!.idle();
  expect(seen).toEqual(['default/a=1', 'default/a=2', 'default/a=gone']);
});

test('keys are asked of the old and of the new state, so both sides of a move are woken', async () => {
  const seen: string[] = [];
  await client.create(configMapKind, map('a', { on: 'm1' }));
  await start(
    controller(
      async (key) => {
        seen.push(key);
      },
      { watches: [{ kind: configMapKind, keys: (object) => [(object as ConfigMap).data!['on']!] }] },
    ),
  );
  await put('a', { on: 'm2' });
  await runtime!.idle();
  expect(seen).toEqual(['m1', 'm2', 'm1']);
});

test('idle waits for chains: what one controller writes wakes another, across kinds', async () => {
  await start(
    controller(async (key, context) => {
      const { name } = parseKey(key);
      await context.client
        .create(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name } })
        .catch((error: DroverError) => expect(error.code).toBe('already-exists'));
    }),
    controller(
      async (key, context) => {
        const { name } = parseKey(key);
        const next = Number(name) + 1;
        if (next < 20 && !context.caches.of(configMapKind).get({ namespace: 'default', name: String(next) }))
          await context.client.create(configMapKind, map(String(next)));
      },
      { name: 'other', writes: ['other'], watches: [{ kind: secretKind }, { kind: configMapKind, keys: () => [] }] },
    ),
  );
  await client.create(configMapKind, map('0'));
  await runtime!.idle();
  expect(runtime!.caches.of(secretKind).list().length).toBe(20);
});

test('a thrown error is tried again with back-off; success forgets it', async () => {
  const at: number[] = [];
  const startMs = clock.now();
  await client.create(configMapKind, map('a'));
  await start(
    controller(async () => {
      at.push(clock.now() - startMs);
      if (at.length <= 3) throw new Error('not yet');
    }),
  );
  for (let step = 0; step < 10; step++) {
    clock.advance(20);
    await runtime!.idle();
  }
  expect(at).toEqual([0, 20, 60, 140]);
  expect(lines).toEqual(Array(3).fill('warn failed, trying again'));
  expect(runtime!.metrics()[0]).toMatchObject({ outcomes: { ok: 1, error: 3, conflict: 0, terminal: 0 }, queued: 0, delayed: 0 });
});

test('a conflict is tried again without a word', async () => {
  let attempts = 0;
  await client.create(configMapKind, map('a'));
  await start(
    controller(async () => {
      if (++attempts === 1) throw new DroverError('conflict', 'someone was faster');
    }),
  );
  clock.advance(20);
  await runtime!.idle();
  expect([attempts, lines]).toEqual([2, []]);
});

test('a terminal error is not tried again before the object changes', async () => {
  let attempts = 0;
  await client.create(configMapKind, map('a'));
  await start(
    controller(async () => {
      attempts++;
      throw new DroverError('terminal', 'makes no sense');
    }),
  );
  clock.advance(3_600_000);
  await runtime!.idle();
  expect([attempts, lines]).toEqual([1, ['error failed, waiting for a change']]);
  await put('a', { v: '2' });
  await runtime!.idle();
  expect(attempts).toBe(2);
});

test('requeueAfterMs looks again then, and a change before that replaces it', async () => {
  const at: number[] = [];
  const startMs = clock.now();
  await client.create(configMapKind, map('a'));
  await start(
    controller(async () => {
      at.push(clock.now() - startMs);
      return { requeueAfterMs: 1000 };
    }),
  );
  clock.advance(600);
  await put('a', { v: '2' });
  await runtime!.idle();
  clock.advance(999);
  await runtime!.idle();
  clock.advance(1);
  await runtime!.idle();
  expect(at).toEqual([0, 600, 1600]);
});

test('wake brings a key back from outside of a watch', async () => {
  const seen: string[] = [];
  let wake: (key: string) => void = () => {};
  await client.create(configMapKind, map('a'));
  await start(
    controller(async (key, context) => {
      seen.push(key);
      ({ wake } = context);
    }),
  );
  wake('answer');
  await runtime!.idle();
  expect(seen).toEqual(['default/a', 'answer']);
});

test('a change missed while the watch was broken wakes its key after the repair', async () => {
  const seen: string[] = [];
  await client.create(configMapKind, map('a', { v: '1' }));
  await start(
    controller(async (key) => {
      seen.push(key);
    }),
  );
  client.breakWatches();
  await put('a', { v: '2' });
  client.compact();
  await runtime!.idle();
  expect(seen.length).toBe(1);
  for (let step = 0; step < 3; step++) {
    clock.advance(1000);
    await runtime!.idle();
  }
  expect(seen).toEqual(['default/a', 'default/a']);
});

test('close aborts the signal, waits for what runs, and wakes nothing more', async () => {
  let ended = false;
  await client.create(configMapKind, map('a'));
  runtime = await startControllers({
    client,
    clock,
    log,
    controllers: [
      controller(async (_, { signal }) => {
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        await new Promise(setImmediate);
        ended = true;
        throw new Error('cut off');
      }),
    ],
  });
  await new Promise(setImmediate);
  await runtime.close();
  await runtime.close();
  expect([ended, lines, clock.nextTimerAtMs()]).toEqual([true, [], undefined]);
});

test('nothing is done while another leads; the end of a term ends the work; the next one begins it again', async () => {
  let seen = 0;
  let lead: () => AbortController = () => new AbortController();
  await client.create(configMapKind, map('a'));
  runtime = await startControllers({
    client,
    clock,
    log,
    controllers: [
      controller(async () => {
        seen++;
      }),
    ],
    leadership: {
      acquire: (signal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
          lead = () => {
            const term = new AbortController();
            resolve({ over: term.signal });
            return term;
          };
        }),
    },
  });
  await new Promise(setImmediate);
  expect(seen).toBe(0);
  const term = lead();
  await runtime.idle();
  term.abort();
  await new Promise(setImmediate);
  await put('a', { v: '2' });
  await new Promise(setImmediate);
  expect(seen).toBe(1);
  lead();
  await new Promise(setImmediate);
  expect(seen).toBe(2);
});

test.each([
  ['the same field', ['pods.status'], ['pods.status'], 'controllers one and two both write pods.status: every field has one writer'],
  [
    'a part of it',
    ['pods.status.conditions'],
    ['pods.status'],
    'controllers one and two both write pods.status.conditions: every field has one writer',
  ],
  ['fields side by side', ['pods.status'], ['pods.spec', 'pods.statusText'], undefined],
  [
    'a field of every kind and that of one',
    ['*.metadata.ownerReferences'],
    ['pods.metadata'],
    'controllers one and two both write *.metadata.ownerReferences: every field has one writer',
  ],
  ['different fields, one of every kind', ['*.metadata.ownerReferences'], ['pods.metadata.labels'], undefined],
  ['one field, each for its own operator', ['managedservices[kafka].spec'], ['managedservices[redis].spec'], undefined],
  [
    'one field, one of them for all',
    ['managedservices[kafka].spec'],
    ['managedservices.spec'],
    'controllers one and two both write managedservices[kafka].spec: every field has one writer',
  ],
])('two controllers that write %s', async (_, one, two, message) => {
  const starting = startControllers({
    client,
    clock,
    log,
    controllers: [controller(async () => {}, { name: 'one', writes: one }), controller(async () => {}, { name: 'two', writes: two })],
  });
  if (message === undefined) runtime = await starting;
  else await expect(starting).rejects.toThrow(message);
});
