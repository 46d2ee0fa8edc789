import { expect, test } from 'vitest';
import { ageOf, humanDuration } from './age.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [-5, '<invalid>'],
  [-1, '0s'],
  [0, '0s'],
  [119, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 5, '2m5s'],
  [10 * MINUTE + 5, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 20 * MINUTE, '3h20m'],
  [8 * HOUR + 20 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY, '2d'],
  [2 * DAY + 5 * HOUR, '2d5h'],
  [8 * DAY + 5 * HOUR, '8d'],
  [729 * DAY, '729d'],
  [2 * 365 * DAY + 30 * DAY, '2y30d'],
  [9 * 365 * DAY + 30 * DAY, '9y'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanDuration(seconds * 1_000)).toBe(text);
});

test('an absent or broken time is unknown', () => {
  expect([ageOf(undefined, 0), ageOf(null, 0), ageOf('x', 0), ageOf('1970-01-01T00:00:00Z', 5_000)]).toEqual([
    '<unknown>',
    '<unknown>',
    '<unknown>',
    '5s',
  ]);
});
