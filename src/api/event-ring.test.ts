import { expect, test } from 'vitest';
import { EventRing, type CacheEvent } from './event-ring.ts';

const event = (revision: number): CacheEvent => ({
  type: 'ADDED',
  revision,
  key: `k${revision}`,
  object: {} as CacheEvent['object'],
  previous: undefined,
});
const revisions = (ring: EventRing, after: number) => ring.after(after).map(({ revision }) => revision);

test('knows what came after a revision, as far as it reaches back', () => {
  const ring = new EventRing(10, { events: 3, characters: 1_000 });
  expect(revisions(ring, 10)).toEqual([]);
  expect(() => ring.after(9)).toThrow('too old resource version: 9 (10)');
  for (const revision of [12, 15, 17]) ring.push(event(revision), 1);
  expect([revisions(ring, 10), revisions(ring, 13), revisions(ring, 17), revisions(ring, 99)]).toEqual([[12, 15, 17], [15, 17], [], []]);
  ring.push(event(20), 1);
  expect(revisions(ring, 12)).toEqual([15, 17, 20]);
  expect(() => ring.after(11)).toThrow('too old resource version: 11 (12)');
});

test('big events push out more than one; one that is too big leaves nothing', () => {
  const ring = new EventRing(0, { events: 100, characters: 10 });
  for (const revision of [1, 2, 3]) ring.push(event(revision), 3);
  ring.push(event(4), 8);
  expect(revisions(ring, 3)).toEqual([4]);
  ring.push(event(5), 11);
  expect(revisions(ring, 5)).toEqual([]);
  expect(() => ring.after(4)).toThrow('too old');
});

test('goes on for ever in bounded room', () => {
  const ring = new EventRing(0, { events: 10, characters: 1_000 });
  for (let revision = 1; revision <= 10_000; revision++) ring.push(event(revision), 1);
  expect(revisions(ring, 9_990)).toHaveLength(10);
});
