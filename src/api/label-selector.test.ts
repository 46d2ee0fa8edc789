import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

const labels = { app: 'kafka', tier: 'data', empty: '', n: '5', 'drover.dev/service': 'orders' };

describe('selects', () => {
  test.each([
    ['app=kafka', true],
    ['app==kafka', true],
    ['app = kafka', true],
    ['app=mysql', false],
    ['app!=mysql', true],
    ['missing!=x', true],
    ['missing=x', false],
    ['app', true],
    ['!app', false],
    ['! missing', true],
    ['app in (kafka, mysql)', true],
    ['app in (mysql)', false],
    ['app notin (mysql,redis)', true],
    ['missing notin (x)', true],
    ['missing in (x)', false],
    ['empty=', true],
    ['empty in ()', true],
    ['app,tier=data,!x', true],
    ['app,tier=web', false],
    ['drover.dev/service=orders', true],
    ['n>4', true],
    ['n<5', false],
    ['app>1', false],
    ['in in (x)', false],
    ['', true],
  ])('%s -> %s', (text, expected) => {
    expect(parseLabelSelector(text)?.(labels) ?? true).toBe(expected);
  });

  test('nothing is read from the prototype', () => {
    expect(parseLabelSelector('constructor')!({})).toBe(false);
  });
});

describe('refuses in kube-apiserver’s words', () => {
  test.each([
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a in x', "unable to parse requirement: found 'x' expected: '('"],
    ['a,', "found '', expected: identifier after ','"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a=x y', "found 'y', expected: ',' or 'end of string'"],
    ['=a', "found '=', expected: !, identifier, or 'end of string'"],
    [
      '-a',
      "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ])('%s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });
});

test('any selector that can be written agrees with a naive evaluation', () => {
  const word: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'app', 'x.y/z');
  const value: fc.Arbitrary<string> = fc.constantFrom('a', 'b', '1', 'x-y');
  const term = fc.oneof(
    fc.record({ text: word, holds: fc.constant(0) }).map(({ text }) => ({ text, holds: (l: Labels) => text in l })),
    word.map((k) => ({ text: `!${k}`, holds: (l: Labels) => !(k in l) })),
    fc.tuple(word, value).map(([k, v]) => ({ text: `${k}=${v}`, holds: (l: Labels) => l[k] === v })),
    fc.tuple(word, value).map(([k, v]) => ({ text: `${k}!=${v}`, holds: (l: Labels) => l[k] !== v })),
    fc.tuple(word, fc.array(value, { minLength: 1, maxLength: 3 })).map(([k, v]) => ({
      text: `${k} in (${v.join(',')})`,
      holds: (l: Labels) => l[k] !== undefined && v.includes(l[k]),
    })),
    fc.tuple(word, fc.array(value, { minLength: 1, maxLength: 3 })).map(([k, v]) => ({
      text: `${k} notin (${v.join(', ')})`,
      holds: (l: Labels) => l[k] === undefined || !v.includes(l[k]),
    })),
  );
  type Labels = Record<string, string>;
  fc.assert(
    fc.property(fc.array(term, { minLength: 1, maxLength: 4 }), fc.dictionary(word, value), (terms, object) => {
      const selects = parseLabelSelector(terms.map(({ text }) => text).join(','))!;
      expect(selects(object)).toBe(terms.every(({ holds }) => holds({ ...object })));
    }),
  );
});
