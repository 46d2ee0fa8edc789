import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

test('at most so many acts run at a time, in order of arrival, and a failing one gives its place on', async () => {
  const gate = atMost(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const acts = [0, 1, 2, 3].map((i) =>
    gate(async () => {
      begun.push(i);
      await new Promise<void>((resolve) => (ends[i] = resolve));
      if (i === 0) throw new Error('failed');
      return i;
    }),
  );
  const first = acts[0]!.catch((error: Error) => error.message);
  expect(begun).toEqual([0, 1]);
  ends[0]!();
  expect(await first).toBe('failed');
  expect(begun).toEqual([0, 1, 2]);
  ends[1]!();
  await acts[1];
  expect(begun).toEqual([0, 1, 2, 3]);
  ends[2]!();
  ends[3]!();
  expect(await Promise.all(acts.slice(1))).toEqual([1, 2, 3]);
});
