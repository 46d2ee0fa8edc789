import { expect, it } from 'vitest';
import { expand } from './expand.ts';

it.each([
  ['$(A)', '1'],
  ['a$(A)b$(B)', 'a1b2'],
  ['$(MISSING)', '$(MISSING)'],
  ['$$(A)', '$(A)'],
  ['$$$(A)', '$1'],
  ['$A ${A} $', '$A ${A} $'],
  ['$(A', '$(A'],
  ['$(toString)', '$(toString)'],
])('%j becomes %j', (text, expanded) => {
  expect(expand(text, { A: '1', B: '2' })).toBe(expanded);
});
