import { expect, test } from 'vitest';
import type { DriverEvent } from './driver.ts';
import { createEventFeed } from './event-feed.ts';

const event = (id: string): DriverEvent => ({ type: 'task', task: { id, phase: 'starting', startedAtMs: 0 } });

async function collect(events: AsyncIterable<DriverEvent>): Promise<string[]> {
  const found: string[] = [];
  for await (const item of events) found.push(item.type === 'task' ? item.task.id : item.type);
  return found;
}

test('every reader gets what was published since it subscribed, though it reads later', async () => {
  const feed = createEventFeed();
  const { signal } = new AbortController();
  const early = feed.read(signal);
  feed.publish(event('a'));
  const late = feed.read(signal);
  feed.publish(event('b'));
  feed.end();
  expect(await Promise.all([collect(early), collect(late), collect(feed.read(signal))])).toEqual([['a', 'b'], ['b'], []]);
});

test('a reader that lags loses what it has not read and is told to list again; others do not notice', async () => {
  const feed = createEventFeed(2);
  const slow = feed.read(new AbortController().signal);
  for (const id of ['a', 'b', 'c']) feed.publish(event(id));
  feed.publish(event('d'));
  feed.end();
  expect(await collect(slow)).toEqual(['resync', 'd']);
});

test('an aborted reader ends', async () => {
  const feed = createEventFeed();
  const abort = new AbortController();
  const ended = collect(feed.read(abort.signal));
  abort.abort();
  expect(await ended).toEqual([]);
  expect(await collect(feed.read(abort.signal))).toEqual([]);
});
