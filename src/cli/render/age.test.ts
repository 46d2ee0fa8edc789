import { expect, it } from 'vitest';
import { renderAge } from './age.ts';

it.each([
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [185_000, '3m5s'],
  [3_600_000, '60m'],
  [3 * 3_600_000, '3h'],
  [5 * 3_600_000 + 60_000, '5h1m'],
  [47 * 3_600_000, '47h'],
  [12 * 86_400_000, '12d'],
  [-5, '0s'],
])('%d ms is shown as %s', (span, text) => {
  expect(renderAge(span)).toBe(text);
});
