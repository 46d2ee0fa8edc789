import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoreUnderTest } from './conformance.ts';
import type { Change, Entry, Store } from './store.ts';

/** The whole truth about a store: its state after each revision. `states[r]` is the state at revision r. */
interface Model {
  readonly states: Map<string, Entry>[];
  compactedRevision: number;
}

type Step =
  | { readonly type: 'create' | 'update' | 'delete'; readonly key: string; readonly stale: boolean }
  | { readonly type: 'list'; readonly prefix: string; readonly back: number; readonly limit: number; readonly afterKey: string | undefined }
  | { readonly type: 'compact'; readonly back: number }
  | { readonly type: 'watch'; readonly prefix: string; readonly back: number }
  | { readonly type: 'reopen' };

const key = fc.constantFrom('/a', '/a/1', '/a/2', '/b', '/b/\u{e000}', '/b/\u{10000}', '/c');
const prefix = fc.constantFrom('', '/', '/a', '/a/', '/b/', '/none');
const back = fc.nat({ max: 12 });
const write = fc.record({ type: fc.constantFrom('create' as const, 'update' as const, 'delete' as const), key, stale: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ type: fc.constantFrom('create', 'update', 'delete'), key, stale: fc.constant(false) }) },
  { weight: 5, arbitrary: write },
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant('list'),
      prefix,
      back,
      limit: fc.nat({ max: 4 }),
      afterKey: fc.option(key, { nil: undefined }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('compact'), back }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('watch'), prefix, back }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
);

/** Random histories: after every step the store answers as a plain map of all past states does. */
export function modelConformance(open: () => Promise<StoreUnderTest>): void {
  test('any history of writes, lists, watches and compactions is what a plain map makes of it', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
        const under = await open();
        try {
          let store = under.store;
          const model: Model = { states: [new Map()], compactedRevision: 0 };
          for (const [i, each] of steps.entries()) {
            if (each.type === 'reopen') store = (await under.reopen?.()) ?? store;
            else await take(store, model, each, `value ${i}`);
            expect(store.revision()).toBe(model.states.length - 1);
            expect(store.compactedRevision()).toBe(model.compactedRevision);
          }
          await takeWatch(store, model, '', model.compactedRevision);
        } finally {
          await under.close();
        }
      }),
      { numRuns: 30, interruptAfterTimeLimit: 90_000 },
    );
  });
}

async function take(store: Store, model: Model, each: Exclude<Step, { type: 'reopen' }>, value: string): Promise<void> {
  const newest = model.states.length - 1;
  switch (each.type) {
    case 'create':
    case 'update':
    case 'delete':
      return takeWrite(store, model, each, value);
    case 'list':
      return takeList(store, model, each);
    case 'watch':
      return takeWatch(store, model, each.prefix, Math.max(0, newest - each.back));
    case 'compact':
      await store.compact(newest - each.back);
      model.compactedRevision = Math.max(model.compactedRevision, newest - each.back);
  }
}

async function takeWrite(store: Store, model: Model, each: { type: string; key: string; stale: boolean }, value: string): Promise<void> {
  const state = model.states.at(-1)!;
  const now = state.get(each.key);
  const revision = model.states.length;
  const expected = each.stale ? (now?.modRevision ?? 0) - 1 : (now?.modRevision ?? 0);
  const next = new Map(state);
  if (each.type === 'create') {
    if (now) return expect(store.create(each.key, value)).rejects.toMatchObject({ code: 'already-exists' });
    const made = { key: each.key, value, createRevision: revision, modRevision: revision };
    expect(await store.create(each.key, value)).toEqual(made);
    next.set(each.key, made);
  } else {
    const attempt = each.type === 'update' ? store.update(each.key, value, expected) : store.delete(each.key, expected);
    if (!now) return expect(attempt).rejects.toMatchObject({ code: 'not-found' });
    if (each.stale) return expect(attempt).rejects.toMatchObject({ code: 'conflict' });
    const changed = { ...now, value, modRevision: revision };
    expect(await attempt).toEqual(each.type === 'update' ? changed : revision);
    if (each.type === 'update') next.set(each.key, changed);
    else next.delete(each.key);
  }
  model.states.push(next);
  expect(await store.get(each.key)).toEqual(next.get(each.key));
}

async function takeList(store: Store, model: Model, each: Extract<Step, { type: 'list' }>): Promise<void> {
  const revision = Math.max(0, model.states.length - 1 - each.back);
  const options = { limit: each.limit, atRevision: revision, ...(each.afterKey === undefined ? {} : { afterKey: each.afterKey }) };
  const answer = store.list(each.prefix, options);
  if (revision < model.compactedRevision) return expect(answer).rejects.toMatchObject({ code: 'compacted' });
  const all = [...model.states[revision]!.values()]
    .filter((entry) => entry.key.startsWith(each.prefix) && (each.afterKey === undefined || inBytes(entry.key, each.afterKey) > 0))
    .sort((a, b) => inBytes(a.key, b.key));
  const entries = all.slice(0, each.limit);
  expect(await answer).toEqual({ entries, revision, remaining: all.length - entries.length });
}

/** Reads a watch up to the newest revision and compares it with the differences of the model's states. */
async function takeWatch(store: Store, model: Model, under: string, after: number): Promise<void> {
  const abort = new AbortController();
  const seen: Change[] = [];
  const reading = (async () => {
    for await (const change of store.watch(under, after, abort.signal)) {
      if (change.type === 'progress') return expect(change.revision).toBe(model.states.length - 1);
      seen.push(change);
    }
  })();
  try {
    if (after < model.compactedRevision) return await expect(reading).rejects.toMatchObject({ code: 'compacted' });
    await reading;
    expect(seen).toEqual(
      model.states.slice(after + 1).flatMap((state, i) => difference(model.states[after + i]!, state, after + 1 + i, under)),
    );
  } finally {
    abort.abort();
  }
}

function difference(before: Map<string, Entry>, state: Map<string, Entry>, revision: number, under: string): Change[] {
  const put = [...state.values()].find((entry) => entry.modRevision === revision);
  const lost = [...before.values()].find((entry) => !state.has(entry.key));
  if (put?.key.startsWith(under)) return [{ type: 'put', entry: put, previous: before.get(put.key) }];
  return lost?.key.startsWith(under) ? [{ type: 'delete', revision, previous: lost }] : [];
}

function inBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
