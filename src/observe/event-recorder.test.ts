import { beforeEach, expect, test } from 'vitest';
import type { Event } from '../model/core/event.ts';
import type { Log } from './log.ts';
import { DroverError } from '../base/errors.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { FakeClient } from '../client/fake-client.ts';
import { configMapKind } from '../model/core/config-map.ts';
import { eventKind } from '../model/core/event.ts';
import { reason } from '../model/reason.ts';
import { AGGREGATE_MS, createEventRecorder, MAX_WAITING, type OwnedEventRecorder } from './event-recorder.ts';

const about = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'kafka-1', uid: 'u1', resourceVersion: '7' } };
let clock: FakeClock;
let client: FakeClient;
let events: OwnedEventRecorder;
let lines: string[];

beforeEach(() => {
  clock = new FakeClock();
  client = new FakeClient(clock);
  lines = [];
  const log: Log = { info: () => {}, warn: (_, message) => lines.push(message), error: () => {} };
  events = createEventRecorder({ client, clock, log, component: 'drover-control', host: 'm1' });
});

async function written(): Promise<Event[]> {
  await events.idle();
  return [...(await client.list(eventKind)).items];
}

const say = (message = 'It died.') => events.event(about, 'Warning', reason('Died', message));

test('an event says what, about whom, when and by whom', async () => {
  say();
  const [event] = await written();
  expect(event).toMatchObject({
    metadata: { namespace: 'default' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'kafka-1', uid: 'u1', resourceVersion: '7' },
    type: 'Warning',
    reason: 'Died',
    message: 'It died.',
    count: 1,
    firstTimestamp: '2026-01-01T00:00:00Z',
    lastTimestamp: '2026-01-01T00:00:00Z',
    source: { component: 'drover-control', host: 'm1' },
  });
  expect(event!.metadata.name).toMatch(/^kafka-1\.[0-9a-f]{16}$/);
});

test('equal events within ten minutes of the last are counted up; later it is a new one', async () => {
  for (let minute = 0; minute < 15; minute++) {
    say();
    await events.idle();
    clock.advance(60_000);
  }
  expect((await written()).map(({ count, lastTimestamp }) => [count, lastTimestamp])).toEqual([[15, '2026-01-01T00:14:00Z']]);
  clock.advance(AGGREGATE_MS);
  say();
  expect((await written()).map(({ count }) => count)).toEqual(expect.arrayContaining([1, 15]));
});

test('another message, reason, type or object is another event', async () => {
  say();
  say('It died again.');
  events.event(about, 'Normal', reason('Died', 'It died.'));
  events.event({ ...about, metadata: { ...about.metadata, uid: 'u2' } }, 'Warning', reason('Died', 'It died.'));
  expect((await written()).length).toBe(4);
});

test('many equal ones at once are one write', async () => {
  for (let index = 0; index < 100; index++) say();
  expect((await written()).map(({ count }) => count)).toEqual([100]);
  expect(client.requests.filter((request) => !request.startsWith('list')).length).toBe(1);
});

test('one that was collected meanwhile is written anew with its count', async () => {
  say();
  const [event] = await written();
  await client.delete(eventKind, { namespace: 'default', name: event!.metadata.name! });
  say();
  expect((await written()).map(({ count }) => count)).toEqual([2]);
});

test('events of cluster-wide objects go to namespace default', async () => {
  events.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'm1', uid: 'n' } }, 'Normal', reason('Seen', 'm'));
  expect((await written())[0]).toMatchObject({ metadata: { namespace: 'default' }, involvedObject: { kind: 'Node', name: 'm1' } });
});

test.each([
  ['a fault is logged, counted, and the next event is written all the same', 'internal', 1],
  ['a namespace that ends takes no events, which is no news', 'forbidden', 0],
] as const)('%s', async (_, code, logged) => {
  client.fault = () => {
    throw new DroverError(code, 'no');
  };
  say();
  await events.idle();
  client.fault = undefined;
  say('Another.');
  expect([(await written()).length, events.dropped(), lines.length]).toEqual([1, 1, logged]);
});

test('more than may wait are dropped and counted', async () => {
  for (let index = 0; index < MAX_WAITING + 5; index++) say(`number ${index}`);
  expect([(await written()).length, events.dropped()]).toEqual([MAX_WAITING, 5]);
});

test('close writes what waits; after that nothing is taken', async () => {
  say();
  await events.close();
  say('Too late.');
  await client.list(configMapKind);
  expect((await written()).map(({ message }) => message)).toEqual(['It died.']);
});
