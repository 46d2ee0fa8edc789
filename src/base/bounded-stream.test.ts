import { expect, test } from 'vitest';
import { BoundedStream, type Overflow } from './bounded-stream.ts';

const fail: Overflow<number> = { type: 'fail', error: () => new Error('too slow') };

async function read(stream: AsyncIterable<number>): Promise<(number | string)[]> {
  const seen: (number | string)[] = [];
  try {
    for await (const item of stream) seen.push(item);
  } catch (error) {
    seen.push((error as Error).message);
  }
  return seen;
}

test('items come in order, before and after the reader waits, and then the end', async () => {
  const stream = new BoundedStream<number>({ capacity: 10, overflow: fail });
  stream.push(1);
  const reading = read(stream);
  await Promise.resolve();
  stream.push(2);
  await new Promise(setImmediate);
  stream.push(3);
  stream.end();
  expect(await reading).toEqual([1, 2, 3]);
  expect(stream.push(4)).toBe(false);
});

test('a failure comes after what waits', async () => {
  const stream = new BoundedStream<number>({ capacity: 10, overflow: fail });
  stream.push(1);
  stream.fail(new Error('broken'));
  expect(await read(stream)).toEqual([1, 'broken']);
});

test('a slow reader is cut off with the error, and nothing stays buffered', async () => {
  const stream = new BoundedStream<number>({ capacity: 2, overflow: fail });
  expect([1, 2, 3, 4].map((item) => stream.push(item))).toEqual([true, true, false, false]);
  expect(stream.size).toBe(0);
  expect(await read(stream)).toEqual(['too slow']);
});

test('or one item stands for what was lost and the stream goes on', async () => {
  const stream = new BoundedStream<number>({ capacity: 3, overflow: { type: 'replace', item: () => -1 } });
  for (let item = 1; item <= 5; item++) stream.push(item);
  stream.end();
  expect(await read(stream)).toEqual([-1, 5]);
});

test('abort ends without error and drops what waits', async () => {
  const abort = new AbortController();
  const stream = new BoundedStream<number>({ capacity: 3, overflow: fail, signal: abort.signal });
  stream.push(1);
  abort.abort();
  expect(await read(stream)).toEqual([]);
});

test.each(['end', 'abort', 'reader leaves', 'overflow'])('onEnd is called once: %s', async (how) => {
  let ends = 0;
  const abort = new AbortController();
  const stream = new BoundedStream<number>({ capacity: 1, overflow: fail, signal: abort.signal, onEnd: () => ends++ });
  stream.push(1);
  if (how === 'end') stream.end();
  if (how === 'abort') abort.abort();
  if (how === 'overflow') stream.push(2);
  if (how === 'reader leaves') for await (const item of stream) if (item === 1) break;
  stream.end();
  abort.abort();
  expect(ends).toBe(1);
});

test('a long stream does not hold on to what was read', async () => {
  const stream = new BoundedStream<number>({ capacity: 200, overflow: fail });
  let sum = 0;
  const reader = stream[Symbol.asyncIterator]();
  for (let round = 0; round < 50; round++) {
    for (let item = 0; item < 150; item++) stream.push(item);
    for (let item = 0; item < 150; item++) sum += (await reader.next()).value as number;
  }
  expect([sum, stream.size]).toEqual([50 * 150 * 149 * 0.5, 0]);
});
