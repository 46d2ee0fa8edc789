import { describe, expect, it } from 'vitest';
import type { Resource } from '../model/resource.ts';
import { applyPatch, LAST_APPLIED, withLastApplied } from './merge.ts';

type Json = Record<string, unknown>;

function resource(spec: Json, annotations?: Record<string, string>): Resource {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', ...(annotations && { annotations }) }, spec };
}

/** What the server holds after `manifest` was applied and others added `more` to its spec. */
function applied(manifest: Resource, more: Json = {}): Resource {
  const stored = withLastApplied(manifest);
  return { ...stored, spec: { ...(stored.spec as Json), ...more } };
}

describe('the patch of an apply', () => {
  it('is none when the manifest is what was applied last, also when the server added defaults', () => {
    expect(applyPatch(applied(resource({ a: 1 }), { defaulted: true }), resource({ a: 1 }))).toBeUndefined();
  });

  it.each([
    ['a changed field', { a: 1 }, {}, { a: 2 }, { a: 2 }],
    ['a new field', { a: 1 }, {}, { a: 1, b: 2 }, { b: 2 }],
    ['a field that the manifest no longer has is removed', { a: 1, b: 2 }, {}, { a: 1 }, { b: null }],
    ['a field of others stays', { a: 1 }, { theirs: 1 }, { a: 2 }, { a: 2 }],
    ['a nested field is removed alone', { deep: { x: 1, y: 2 } }, {}, { deep: { x: 1 } }, { deep: { y: null } }],
    ['a list is replaced whole', { list: [1, 2] }, {}, { list: [1, 2, 3] }, { list: [1, 2, 3] }],
    ['a field that drifted is put back', { a: 1 }, { a: 5 }, { a: 1 }, { a: 1 }],
  ])('says %s', (_, before, more, after, expected) => {
    const patch = applyPatch(applied(resource(before), more), resource(after)) as { spec: Json };
    expect(patch.spec).toEqual(expected);
  });

  it('is none for list items that the server gave defaults to', () => {
    const live = applied(resource({ pods: [{ name: 'x' }] }), { pods: [{ name: 'x', port: 0 }] });
    expect(applyPatch(live, resource({ pods: [{ name: 'x' }] }))).toBeUndefined();
  });

  it('adopts an object that was made without apply: only the annotation is added', () => {
    const patch = applyPatch(resource({ a: 1 }), resource({ a: 1 })) as { metadata: { annotations: Json }; spec?: unknown };
    expect(Object.keys(patch)).toEqual(['metadata']);
    expect(Object.keys(patch.metadata.annotations)).toEqual([LAST_APPLIED]);
  });

  it('never removes what another last-applied text that cannot be read may have said', () => {
    const live = resource({ a: 1, b: 2 }, { [LAST_APPLIED]: 'not json' });
    expect((applyPatch(live, resource({ a: 2 })) as { spec: Json }).spec).toEqual({ a: 2 });
  });
});
