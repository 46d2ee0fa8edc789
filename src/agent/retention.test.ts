import { expect, it } from 'vitest';
import type { PodRecord } from './pod-record.ts';
import { MAX_GONE_PODS, superfluousPods } from './retention.ts';

const record = (uid: string, name: string, attempt: number, goneAtMs?: number): PodRecord => ({
  uid,
  namespace: 'default',
  name,
  graceMs: 0,
  containers: { main: { attempt, crashes: 0 } },
  ...(goneAtMs !== undefined && { goneAtMs }),
});

it('keeps the last gone pod of each name', () => {
  const gone = [record('a1', 'a', 0, 1), record('a2', 'a', 0, 2), record('b1', 'b', 0, 1)];
  expect(superfluousPods(gone, () => undefined)).toEqual(['a1']);
});

it('gives up a gone pod when its successor has restarted, not when it has only started', () => {
  const gone = [record('a1', 'a', 3, 1)];
  expect(superfluousPods(gone, () => record('a2', 'a', 0))).toEqual([]);
  expect(superfluousPods(gone, () => record('a2', 'a', 1))).toEqual(['a1']);
});

it(`keeps ${MAX_GONE_PODS} gone pods at most, those that went last`, () => {
  const gone = Array.from({ length: MAX_GONE_PODS + 3 }, (_, i) => record(`u${i}`, `p${i}`, 0, i));
  expect(superfluousPods(gone, () => undefined).toSorted()).toEqual(['u0', 'u1', 'u2']);
});
