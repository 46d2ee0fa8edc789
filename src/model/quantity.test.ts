import { expect, test } from 'vitest';
import { parseBytes, parseCpuMillis, parseQuantity } from './quantity.ts';

test.each([
  ['1', 1],
  ['5Gi', 5 * 1024 ** 3],
  ['500M', 5e8],
  ['1.5Ki', 1536],
  ['1e3', 1000],
  ['1E3', 1000],
  ['2E', 2e18],
  ['100m', 0.1],
  ['.5', 0.5],
  ['-1', -1],
  [3, 3],
  ['', undefined],
  ['x', undefined],
  ['1 Gi', undefined],
  ['1gi', undefined],
  ['1..2', undefined],
  ['Gi', undefined],
  [Number.NaN, undefined],
])('%j is %j', (text, value) => {
  expect(parseQuantity(text)).toBe(value);
});

test.each([
  ['100m', 100],
  ['1', 1000],
  ['0.001', 1],
  ['1u', 1],
  [0.5, 500],
  ['2.0005', 2001],
])('%j is %j thousandths of a core', (text, millis) => {
  expect(parseCpuMillis(text)).toBe(millis);
});

test('bytes are rounded up', () => {
  expect([parseBytes('1500m'), parseBytes('128Mi'), parseBytes('nothing')]).toEqual([2, 134_217_728, undefined]);
});
