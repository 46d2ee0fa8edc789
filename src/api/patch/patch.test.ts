import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sameJson } from '../../model/same-json.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { strategicPatch } from './strategic-patch.ts';

describe('merge patch (the examples of RFC 7386)', () => {
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j + %j = %j', (target, patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });
});

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, 1, 'a', 'b'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'containers', 'env', 'name', '__proto__'), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value;
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), json, { maxKeys: 4, noNullPrototype: true });

describe('laws', () => {
  test('a merge patch applied twice is the same as once, and neither argument changes', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        const once = mergePatch(target, patch);
        expect(sameJson(mergePatch(once, patch), once)).toBe(true);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });

  test('an empty patch of any type changes nothing', () => {
    fc.assert(
      fc.property(object, (target) => {
        expect(sameJson(mergePatch(target, {}), target)).toBe(true);
        expect(sameJson(strategicPatch(target, {}), target)).toBe(true);
        expect(sameJson(jsonPatch(target, []), target)).toBe(true);
      }),
    );
  });

  test('without lists that merge, a strategic patch is a merge patch', () => {
    const plain = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, 1, 'x'), fc.array(fc.integer(), { maxLength: 2 }), tie('object')),
      object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    })).object;
    fc.assert(
      fc.property(plain, plain, (target, patch) => {
        expect(sameJson(strategicPatch(target, patch), mergePatch(target, patch))).toBe(true);
      }),
    );
  });

  test('a strategic patch that names items by key leaves the others as they are', () => {
    const items = fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), value: fc.string() }), {
      selector: (item) => item.name,
    });
    fc.assert(
      fc.property(items, items, (live, patch) => {
        const { env } = strategicPatch({ env: live }, { env: patch }) as { env: { name: string; value: string }[] };
        const values = (list: readonly { name: string; value: string }[]) =>
          Object.fromEntries(list.map((item) => [item.name, item.value]));
        expect(values(env)).toEqual({ ...values(live), ...values(patch) });
        expect(new Set(env.map((item) => item.name)).size).toBe(env.length);
      }),
    );
  });
});

describe('strategic merge', () => {
  const live = {
    containers: [
      { name: 'a', image: 'x', env: [{ name: 'E', value: '1' }] },
      { name: 'b', image: 'y' },
    ],
    finalizers: ['f.x/1', 'f.x/2'],
  };
  test.each([
    ['changes one container', { containers: [{ name: 'b', image: 'z' }] }, { containers: [live.containers[0], { name: 'b', image: 'z' }] }],
    [
      'adds to a list in a list',
      { containers: [{ name: 'a', env: [{ name: 'F', value: '2' }] }] },
      {
        containers: [
          {
            name: 'a',
            image: 'x',
            env: [
              { name: 'F', value: '2' },
              { name: 'E', value: '1' },
            ],
          },
          live.containers[1],
        ],
      },
    ],
    ['deletes an item', { containers: [{ name: 'a', $patch: 'delete' }] }, { containers: [live.containers[1]] }],
    ['replaces a list', { containers: [{ $patch: 'replace' }, { name: 'c' }] }, { containers: [{ name: 'c' }] }],
    [
      'replaces a list without what it would delete from it',
      { containers: [{ $patch: 'replace' }, { name: 'a', $patch: 'delete' }, { name: 'c' }] },
      { containers: [{ name: 'c' }] },
    ],
    ['adds to a set', { finalizers: ['f.x/3', 'f.x/1'] }, { finalizers: ['f.x/3', 'f.x/1', 'f.x/2'] }],
    ['takes from a set', { '$deleteFromPrimitiveList/finalizers': ['f.x/1'] }, { finalizers: ['f.x/2'] }],
    [
      'orders a list',
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      { containers: [live.containers[1], live.containers[0]] },
    ],
    [
      'orders with a new item',
      { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }, { name: 'b' }], containers: [{ name: 'c' }] },
      { containers: [{ name: 'c' }, live.containers[0], live.containers[1]] },
    ],
    ['null removes a field', { containers: null }, { containers: undefined }],
  ])('%s', (_, patch, expected) => {
    expect(sameJson(strategicPatch(live, patch), { ...live, ...expected })).toBe(true);
  });

  test('$retainKeys drops what it does not name', () => {
    const volume = { volumes: [{ name: 'v', emptyDir: {} }] };
    const patch = { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }] };
    expect(strategicPatch(volume, patch)).toEqual({ volumes: [{ name: 'v', hostPath: { path: '/x' } }] });
  });

  test('$patch: replace and delete on a map', () => {
    expect(strategicPatch({ m: { a: 1, b: 2 } }, { m: { $patch: 'replace', c: 3 } })).toEqual({ m: { c: 3 } });
    expect(strategicPatch({ m: { a: 1 } }, { m: { $patch: 'delete' } })).toEqual({ m: {} });
  });

  test('an item without its key is refused', () => {
    expect(() => strategicPatch(live, { containers: [{ image: 'q' }] })).toThrow('does not contain declared merge key: name');
  });
});

describe('JSON patch', () => {
  test('replaces the whole document too', () => {
    expect(jsonPatch({ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }])).toEqual({ b: 2 });
  });

  test.each([
    [{ op: 'test', path: '/a', value: 2 }],
    [{ op: 'remove', path: '/nope' }],
    [{ op: 'zap', path: '/a' }],
    [{ op: 'add', path: '/x/y', value: 1 }],
    [{ op: 'add', path: '/a' }],
    [{ op: 'add', path: 'a', value: 1 }],
    [{ op: 'add', path: '/__proto__/x', value: 1 }],
    [null],
  ])('%j is refused and changes nothing', (operation) => {
    const target = { a: 1 };
    expect(() => jsonPatch(target, [{ op: 'add', path: '/b', value: 1 }, operation])).toThrow('the server rejected our request');
    expect(target).toEqual({ a: 1 });
  });

  test('a patch that is no list is refused', () => {
    expect(() => jsonPatch({}, { op: 'add' })).toThrow('error decoding patch');
  });
});
