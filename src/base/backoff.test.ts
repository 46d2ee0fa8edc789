import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test.each([
  ['no failure: no pause', 0, 0],
  ['the first failure: the base', 1, 100],
  ['each further one doubles it', 3, 400],
  ['the maximum holds', 8, 10_000],
  ['a count without end does not overflow', 1e9, 10_000],
])('%s', (_, failures, expected) => {
  expect(backoffMs(failures, { baseMs: 100, maxMs: 10_000 })).toBe(expected);
});
