import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NESTING, scanJson } from './json-scan.ts';

describe('scanJson', () => {
  const duplicates: readonly (readonly [string, string, readonly string[]])[] = [
    ['a plain object has none', '{"a":1,"b":{"a":2}}', []],
    ['two of one name in one object', '{"a":1,"a":2}', ['a']],
    ['deep ones have their path', '{"spec":{"containers":[{"n":1},{"n":1,"n":2}]}}', ['spec.containers[1].n']],
    ['escaped names are what they say', String.raw`{"a":1,"\u0061":2}`, ['a']],
    ['texts are no names', '{"a":"a\\":1,\\"a","b":["a","a"]}', []],
    ['quotes after backslashes end a text', String.raw`{"a":"\\","a":"\\\""}`, ['a']],
    ['siblings may share names', '[{"a":1},{"a":2}]', []],
  ];
  for (const [sentence, text, expected] of duplicates) {
    it(sentence, () => expect(scanJson(text)).toEqual({ duplicates: expected, refusal: undefined }));
  }

  const refusals: readonly (readonly [string, string, RegExp])[] = [
    ['nesting beyond the limit', '['.repeat(MAX_NESTING + 1), /deeper than 500/],
    ['a member named __proto__', '{"a":{"__proto__":{}}}', /__proto__/],
    ['the same, escaped', String.raw`{"\u005f_proto__":1}`, /__proto__/],
    ['a number that no double holds', '{"a":[1,-2e999]}', /out of range/],
  ];
  for (const [sentence, text, expected] of refusals) {
    it(`refuses ${sentence}`, () => expect(scanJson(text).refusal).toMatch(expected));
  }

  it('takes nesting up to the limit', () => {
    expect(scanJson('['.repeat(MAX_NESTING) + ']'.repeat(MAX_NESTING)).refusal).toBeUndefined();
  });

  it('finds nothing in what JSON.stringify wrote, and never throws on any text', () => {
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, text) => {
        if (!json.includes('__proto__')) expect(scanJson(json)).toEqual({ duplicates: [], refusal: undefined });
        scanJson(text);
        scanJson(json.slice(0, text.length));
      }),
    );
  });
});
