import { describe, expect, test } from 'vitest';
import { storeConformance } from '../conformance.ts';
import { createMemoryStore, type WriteMoment } from './memory-store.ts';

storeConformance('The memory store', async () => {
  const store = createMemoryStore({ watchBounds: { changes: 100 } });
  return { store, watchBufferChanges: 100, close: () => store.close() };
});

describe("The memory store's hook", () => {
  test('sees each write before and after it is applied, and none that is refused', async () => {
    const moments: WriteMoment[] = [];
    const store = createMemoryStore({ onWrite: (moment) => moments.push(moment) });
    await store.create('/a', '1');
    await expect(store.create('/a', '2')).rejects.toMatchObject({ code: 'already-exists' });
    await store.delete('/a', 1);
    expect(moments).toEqual([
      { phase: 'before', verb: 'create', key: '/a', revision: 1 },
      { phase: 'after', verb: 'create', key: '/a', revision: 1 },
      { phase: 'before', verb: 'delete', key: '/a', revision: 2 },
      { phase: 'after', verb: 'delete', key: '/a', revision: 2 },
    ]);
  });

  test.each([
    ['before', 'leaves nothing behind', undefined],
    ['after', 'leaves the write, without an answer', { key: '/a', value: '1', createRevision: 1, modRevision: 1 }],
  ])('a crash %s a write %s', async (phase, _what, left) => {
    let crash = true;
    const store = createMemoryStore({
      onWrite(moment) {
        if (crash && moment.phase === phase) throw new Error('crash');
      },
    });
    await expect(store.create('/a', '1')).rejects.toThrow('crash');
    crash = false;
    expect(await store.get('/a')).toEqual(left);
    const next = await store.create('/b', '1');
    expect(next.modRevision).toBe(left ? 2 : 1);
  });
});

describe("A watcher's room", () => {
  test('is bounded by the size of the values too', async () => {
    const store = createMemoryStore({ watchBounds: { characters: 1000 } });
    const watch = store.watch('/', 0, new AbortController().signal)[Symbol.asyncIterator]();
    await watch.next();
    await store.create('/a', 'x'.repeat(600));
    await store.create('/b', 'x'.repeat(600));
    await expect(watch.next()).rejects.toMatchObject({ code: 'compacted' });
  });
});
