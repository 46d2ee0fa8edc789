import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

function bench(concurrency = 1) {
  const clock = new FakeClock();
  const done: string[] = [];
  const gates = new Map<string, () => void>();
  const held = new Set<string>();
  const queue = new WorkQueue({
    clock,
    concurrency,
    backoff: { baseMs: 100, maxMs: 300 },
    async work(key) {
      if (held.has(key)) await new Promise<void>((resolve) => gates.set(key, resolve));
      done.push(key);
    },
  });
  return { clock, done, held, queue, release: (key: string) => gates.get(key)?.() };
}

const turn = () => new Promise<void>(setImmediate);

test('a key that is added many times is worked on once, in the order of adding', async () => {
  const { queue, done } = bench();
  queue.start();
  for (const key of ['a', 'b', 'a', 'b', 'a']) queue.add(key);
  expect(done).toEqual([]);
  await queue.idle();
  expect(done).toEqual(['a', 'b']);
});

test('nothing is worked on before start', async () => {
  const { queue, done } = bench();
  queue.add('a');
  await turn();
  expect([done, queue.isIdle]).toEqual([[], false]);
  queue.start();
  await queue.idle();
  expect(done).toEqual(['a']);
});

test('a key that is added while it is worked on is done again after that, never at the same time', async () => {
  const { queue, done, held, release } = bench(4);
  held.add('a');
  queue.start();
  queue.add('a');
  await turn();
  queue.add('a');
  queue.add('b');
  await turn();
  expect([done, queue.running, queue.depth]).toEqual([['b'], 1, 1]);
  held.clear();
  release('a');
  await queue.idle();
  expect(done).toEqual(['b', 'a', 'a']);
});

test('no more keys than the concurrency are worked on at a time', async () => {
  const { queue, held, release } = bench(2);
  for (const key of ['a', 'b', 'c']) held.add(key);
  queue.start();
  for (const key of ['a', 'b', 'c']) queue.add(key);
  await turn();
  expect([queue.running, queue.depth]).toEqual([2, 1]);
  for (const key of ['a', 'b', 'c']) {
    release(key);
    await turn();
  }
  expect(queue.isIdle).toBe(true);
});

test('the earliest of several delays counts, and work voids the rest', async () => {
  const { queue, clock, done } = bench();
  queue.start();
  queue.addAfter('a', 500);
  queue.addAfter('a', 200);
  queue.addAfter('a', 900);
  expect([queue.isIdle, queue.delayed]).toEqual([true, 1]);
  clock.advance(200);
  await queue.idle();
  clock.advance(5000);
  await queue.idle();
  expect(done).toEqual(['a']);
});

test('retries wait longer each time, by key, until the key is forgotten', async () => {
  const { queue, clock } = bench();
  queue.start();
  const pauses: number[] = [];
  for (const key of ['a', 'a', 'a', 'b']) {
    queue.retry(key);
    pauses.push(clock.nextTimerAtMs()! - clock.now());
    clock.advance(1000);
    await queue.idle();
  }
  queue.forget('a');
  queue.retry('a');
  pauses.push(clock.nextTimerAtMs()! - clock.now());
  expect(pauses).toEqual([100, 200, 300, 100, 100]);
});

test('close waits for the work under way and drops the rest', async () => {
  const { queue, clock, done, held, release } = bench();
  held.add('a');
  queue.start();
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 100);
  await turn();
  let closed = false;
  const closing = queue.close().then(() => (closed = true));
  await turn();
  expect(closed).toBe(false);
  release('a');
  await closing;
  queue.add('d');
  clock.advance(1000);
  await turn();
  expect(done).toEqual(['a']);
});
