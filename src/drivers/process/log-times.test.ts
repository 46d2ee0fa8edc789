import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSamples, parseSamples, thinSamples, timeAt } from './log-times.ts';

const samples = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 50 }).map((steps) => {
  let offset = 0;
  let atMs = 0;
  return steps.map(([bytes, ms]) => ({ offset: (offset += bytes), atMs: (atMs += ms) }));
});

test.each([
  [0, 1000],
  [10, 1000],
  [15, 1500],
  [20, 2000],
  [21, 5001],
  [30, 5010],
  [99, 5010],
])('the byte before %i was written at %i', (offset, atMs) => {
  const rested = [
    { offset: 0, atMs: 1000 },
    { offset: 10, atMs: 1000 },
    { offset: 20, atMs: 2000 },
    { offset: 20, atMs: 5000 },
    { offset: 30, atMs: 5010 },
  ];
  // Between the two samples at 20 the log was at rest: what came after belongs to the later one.
  expect(timeAt(rested, offset)).toBe(atMs);
});

test('times never go back', () => {
  fc.assert(
    fc.property(samples, fc.nat(50_000), fc.nat(50_000), (all, a, b) => {
      expect(timeAt(all, Math.min(a, b))).toBeLessThanOrEqual(timeAt(all, Math.max(a, b)));
    }),
  );
});

test('samples survive the file, and any cut of it', () => {
  fc.assert(
    fc.property(samples, fc.nat(), (all, cut) => {
      const text = formatSamples(all);
      expect(parseSamples(text)).toEqual(all);
      const some = parseSamples(text.slice(0, cut % (text.length + 1)));
      expect(some.slice(0, -1)).toEqual(all.slice(0, Math.max(0, some.length - 1)));
    }),
  );
});

test('thinning halves them, keeps the last one, and stays in order', () => {
  fc.assert(
    fc.property(samples, fc.nat(50_000), (all, from) => {
      const thin = thinSamples(all, from);
      expect(thin.length).toBeLessThanOrEqual(Math.ceil(all.length / 2));
      expect(thin.at(-1)).toEqual(all.at(-1));
      expect(parseSamples(formatSamples(thin))).toEqual(thin);
    }),
  );
});
