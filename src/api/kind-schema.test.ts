import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import type { Kind } from '../model/kind.ts';
import { ObjectMeta } from '../model/resource.ts';
import { compileKindSchema } from './kind-schema.ts';

const kind: Kind = {
  group: 'x.dev',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  namespaced: true,
  origin: 'crd',
  hasStatus: false,
  hasGeneration: true,
  columns: [],
  description: '',
  schema: Type.Object({
    apiVersion: Type.Literal('x.dev/v1'),
    kind: Type.Literal('Thing'),
    metadata: ObjectMeta,
    spec: Type.Object({
      n: Type.Integer({ minimum: 1, maximum: 9 }),
      mode: Type.Optional(Type.Enum(['a', 'b'], { default: 'a' })),
      text: Type.Optional(Type.String({ pattern: '^[a-z]+$', maxLength: 4, minLength: 2 })),
      list: Type.Optional(Type.Array(Type.Object({ x: Type.Boolean(), y: Type.Optional(Type.Integer({ default: 7 })) }), { maxItems: 2 })),
      map: Type.Optional(Type.Record(Type.String(), Type.Object({ v: Type.Optional(Type.String({ default: 'q' })) }))),
      when: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
      amount: Type.Optional(Type.Union([Type.String(), Type.Number()])),
      free: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      state: Type.Optional(
        Type.Union([Type.Object({ state: Type.Literal('idle') }), Type.Object({ state: Type.Literal('busy'), since: Type.Integer() })]),
      ),
    }),
  }),
};
const schema = compileKindSchema(kind);
const decode = (spec: unknown, fieldValidation: 'Strict' | 'Ignore' = 'Strict') =>
  schema.decode({ metadata: {}, spec }, { fieldValidation });

describe('good bodies', () => {
  test.each([
    [
      'defaults at every depth',
      { n: 1, list: [{ x: true }], map: { k: {} } },
      { n: 1, mode: 'a', list: [{ x: true, y: 7 }], map: { k: { v: 'q' } } },
    ],
    ['a null is an absent field', { n: 1, mode: null, text: null }, { n: 1, mode: 'a' }],
    ['but stays where it has a place', { n: 1, mode: 'b', when: null }, { n: 1, mode: 'b', when: null }],
    ['an undefined member is absent', { n: 1, mode: 'b', text: undefined }, { n: 1, mode: 'b' }],
    ['text or number', { n: 1, mode: 'b', amount: 5 }, { n: 1, mode: 'b', amount: 5 }],
    ['anything in a free place', { n: 1, mode: 'b', free: { a: [{ b: null }] } }, { n: 1, mode: 'b', free: { a: [{ b: null }] } }],
    [
      'a variant by its constant',
      { n: 1, mode: 'b', state: { state: 'busy', since: 3 } },
      { n: 1, mode: 'b', state: { state: 'busy', since: 3 } },
    ],
  ])('%s', (_, spec, expected) => {
    const { object, causes } = decode(spec);
    expect(causes).toEqual([]);
    expect(object.spec).toEqual(expected);
  });

  test('the body itself is never changed, and comes back as it is when there is nothing to do', () => {
    const spec = Object.freeze({ n: 1, mode: 'a' });
    const body = Object.freeze({ apiVersion: 'x.dev/v1', kind: 'Thing', metadata: Object.freeze({}), spec });
    expect(schema.decode(body, {}).object).toBe(body);
  });
});

describe('wrong values, in kube-apiserver’s words', () => {
  test.each([
    [{}, ['spec.n: Required value']],
    [{ n: 0 }, ['spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1']],
    [{ n: 20 }, ['spec.n: Invalid value: 20: spec.n in body should be less than or equal to 9']],
    [{ n: 1.5 }, ['spec.n: Invalid value: "number": spec.n in body must be of type integer: "number"']],
    [{ n: 1, mode: 'c' }, ['spec.mode: Unsupported value: "c": supported values: "a", "b"']],
    [
      { n: 1, text: 'ABCDE' },
      [
        'spec.text: Too long: may not be more than 4 bytes',
        'spec.text: Invalid value: "ABCDE": spec.text in body should match \'^[a-z]+$\'',
      ],
    ],
    [{ n: 1, text: 'a' }, ['spec.text: Invalid value: "a": spec.text in body should be at least 2 chars long']],
    [
      { n: 1, list: [{}, { x: 3 }, { x: true }] },
      [
        'spec.list[0].x: Required value',
        'spec.list[1].x: Invalid value: "integer": spec.list[1].x in body must be of type boolean: "integer"',
        'spec.list: Too many: 3: must have at most 2 items',
      ],
    ],
    [{ n: 1, map: { k: 5 } }, ['spec.map.k: Invalid value: "integer": spec.map.k in body must be of type object: "integer"']],
    [{ n: 1, when: 'soon' }, ['spec.when: Invalid value: "soon": spec.when in body must be of type date-time: "soon"']],
    [{ n: 1, state: { state: 'busy' } }, ['spec.state.since: Required value']],
    [{ n: 1, amount: [] }, ['spec.amount: Invalid value: "array": spec.amount in body must be of type string or number: "array"']],
    [5, ['spec: Invalid value: "integer": spec in body must be of type object: "integer"']],
    [undefined, ['spec: Required value']],
  ])('%j', (spec, expected) => {
    expect(decode(spec).causes.map(({ field, message }) => `${field}: ${message}`)).toEqual(expected);
  });
});

describe('unknown fields', () => {
  test('are all named, with a hint where one is near', () => {
    expect(() => decode({ n: 1, mod: 'a', zzz: 1, list: [{ x: true, xx: 1 }] })).toThrow(
      'strict decoding error: unknown field "spec.mod" (did you mean "mode"?), unknown field "spec.zzz", unknown field "spec.list[0].xx"',
    );
  });

  test('are left out when they are to be ignored', () => {
    expect(decode({ n: 1, mode: 'a', zzz: 1 }, 'Ignore').object.spec).toEqual({ n: 1, mode: 'a' });
  });

  test('cannot hide behind the prototype', () => {
    const body = JSON.parse('{"metadata":{},"spec":{"n":1,"mode":"a","__proto__":{"list":[]},"constructor":1}}') as object;
    expect(() => schema.decode(body, {})).toThrow('unknown field "spec.__proto__", unknown field "spec.constructor"');
  });
});
