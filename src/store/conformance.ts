import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelConformance } from './conformance-model.ts';
import type { Change, Store } from './store.ts';

/** A store to test, empty at first. */
export interface StoreUnderTest {
  readonly store: Store;
  /** How many changes a watcher may leave unread; small, so that a slow reader is quickly made. */
  readonly watchBufferChanges: number;
  /** Closes the store and opens the same data again; absent when the data does not outlive the store. */
  readonly reopen?: () => Promise<Store>;
  /** Ends everything and removes the data. */
  readonly close: () => Promise<void>;
}

/** Every promise of `store.ts`, as vitest cases: each implementation calls this in its own test file. */
export function storeConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the promises of a store:`, () => {
    let under: StoreUnderTest;
    let store: Store;
    const readers: AbortController[] = [];
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(async () => {
      for (const reader of readers.splice(0)) reader.abort();
      await under.close();
    });

    /** Reads a watch in the background; `next` gives the next `count` changes, without progress. */
    function follow(
      prefix: string,
      afterRevision: number,
    ): { next(count: number): Promise<Change[]>; iterator: AsyncIterator<Change>; stop(): void } {
      const abort = new AbortController();
      readers.push(abort);
      const iterator = store.watch(prefix, afterRevision, abort.signal)[Symbol.asyncIterator]();
      return {
        iterator,
        stop: () => abort.abort(),
        async next(count) {
          const changes: Change[] = [];
          while (changes.length < count) {
            const { value, done } = await iterator.next();
            if (done) throw new Error(`the watch ended after ${changes.length} of ${count} changes`);
            if (value.type !== 'progress') changes.push(value);
          }
          return changes;
        },
      };
    }

    test('an empty store has revision 0, no entries and a whole log', async () => {
      expect(store.revision()).toBe(0);
      expect(store.compactedRevision()).toBe(0);
      expect(await store.get('/a')).toBeUndefined();
      expect(await store.list('/')).toEqual({ entries: [], revision: 0, remaining: 0 });
    });

    test('each write grows the revision by one, and the entry tells both revisions', async () => {
      expect(await store.create('/a', '1')).toEqual({ key: '/a', value: '1', createRevision: 1, modRevision: 1 });
      expect(await store.create('/b', '1')).toEqual({ key: '/b', value: '1', createRevision: 2, modRevision: 2 });
      expect(await store.update('/a', '2', 1)).toEqual({ key: '/a', value: '2', createRevision: 1, modRevision: 3 });
      expect(await store.delete('/b', 2)).toBe(4);
      expect(await store.create('/b', '3')).toEqual({ key: '/b', value: '3', createRevision: 5, modRevision: 5 });
      expect(store.revision()).toBe(5);
      expect(await store.get('/a')).toEqual({ key: '/a', value: '2', createRevision: 1, modRevision: 3 });
    });

    test.each([
      ['a create of a key that is there', 'already-exists', () => store.create('/a', 'x')],
      ['an update of a key that is not there', 'not-found', () => store.update('/none', 'x', 1)],
      ['an update of an older revision', 'conflict', () => store.update('/a', 'x', 1)],
      ['a delete of a key that is not there', 'not-found', () => store.delete('/none', 1)],
      ['a delete of an older revision', 'conflict', () => store.delete('/a', 1)],
      ['an empty key', 'bad-request', () => store.create('', 'x')],
      ['a key with NUL', 'bad-request', () => store.create('/a\0b', 'x')],
    ])('%s is refused as %s and changes nothing', async (_what, code, attempt) => {
      await store.create('/a', '1');
      await store.update('/a', '2', 1);
      await expect(attempt()).rejects.toMatchObject({ name: 'DroverError', code });
      expect(store.revision()).toBe(2);
      expect(await store.get('/a')).toMatchObject({ value: '2', modRevision: 2 });
    });

    test('of many who write the same revision at once, one wins and the others get conflict', async () => {
      const { modRevision } = await store.create('/a', '0');
      const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => store.update('/a', `${i}`, modRevision)));
      const won = results.filter((result) => result.status === 'fulfilled');
      expect(won).toHaveLength(1);
      expect(results.filter((result) => result.status === 'rejected' && result.reason.code === 'conflict')).toHaveLength(19);
      expect(await store.get('/a')).toEqual(won[0]!.value);
    });

    test('many writers at once get revisions without gap or repeat, and each reads what it wrote', async () => {
      const revisions = await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          const made = await store.create(`/k/${i}`, 'x'.repeat(i * 20));
          expect(await store.get(`/k/${i}`)).toEqual(made);
          return made.modRevision;
        }),
      );
      expect(revisions.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    });

    test('values come back as they were written, whatever text they are', async () => {
      for (const [i, value] of ['', 'null', '{"a":"\\u0000"}', 'ö\u{1f984}\u2028', 'a\0b', 'x'.repeat(1_100_000)].entries()) {
        await store.create(`/v/${i}`, value);
        expect((await store.get(`/v/${i}`))?.value === value).toBe(true);
      }
    });

    test('a list has the keys under its prefix and no others, in the order of their bytes', async () => {
      const keys = ['/p/b', '/p/a', '/p/a/x', '/p/a-x', '/p', '/q/a', '/p/\u{10000}', '/p/\u{ffff}', '/p/B', '/o/z', '/p0'];
      for (const key of keys) await store.create(key, key);
      const listed = await store.list('/p/');
      expect(listed.entries.map((entry) => entry.key)).toEqual(['/p/B', '/p/a', '/p/a-x', '/p/a/x', '/p/b', '/p/\u{ffff}', '/p/\u{10000}']);
      expect(listed).toMatchObject({ revision: keys.length, remaining: 0 });
      expect((await store.list('')).entries).toHaveLength(keys.length);
    });

    test('a limited list tells how many remain, and afterKey goes on at the same revision', async () => {
      for (let i = 0; i < 7; i++) await store.create(`/p/${i}`, `${i}`);
      const first = await store.list('/p/', { limit: 3 });
      expect(first).toMatchObject({ revision: 7, remaining: 4 });
      await store.delete('/p/4', 5);
      await store.create('/p/31', 'new');
      const second = await store.list('/p/', { limit: 3, afterKey: '/p/2', atRevision: first.revision });
      expect(second).toMatchObject({ revision: 7, remaining: 1 });
      expect(second.entries.map((entry) => entry.key)).toEqual(['/p/3', '/p/4', '/p/5']);
      const now = await store.list('/p/', { limit: 3, afterKey: '/p/2' });
      expect(now).toMatchObject({ revision: 9, remaining: 1 });
      expect(now.entries.map((entry) => entry.key)).toEqual(['/p/3', '/p/31', '/p/5']);
      expect(await store.list('/p/', { limit: 0 })).toEqual({ entries: [], revision: 9, remaining: 7 });
    });

    test('a list at a revision that is not written yet is a bad request', async () => {
      await expect(store.list('/', { atRevision: 1 })).rejects.toMatchObject({ code: 'bad-request' });
    });

    test('a watch gives put with what was before, and delete with what was lost', async () => {
      const made = await store.create('/p/a', '1');
      const changed = await store.update('/p/a', '2', 1);
      await store.create('/q/a', 'other');
      await store.delete('/p/a', 2);
      const again = await store.create('/p/a', '3');
      expect(await follow('/p/', 0).next(4)).toEqual([
        { type: 'put', entry: made, previous: undefined },
        { type: 'put', entry: changed, previous: made },
        { type: 'delete', revision: 4, previous: changed },
        { type: 'put', entry: again, previous: undefined },
      ]);
      expect(await follow('/p/', 2).next(1)).toMatchObject([{ type: 'delete', revision: 4 }]);
    });

    test('a live watch gets the same as one that reads the log', async () => {
      const live = follow('/', 0);
      expect((await live.iterator.next()).value).toEqual({ type: 'progress', revision: 0 });
      const made = await store.create('/a', '1');
      await store.update('/a', '2', made.modRevision);
      await store.delete('/a', 2);
      expect(await live.next(3)).toEqual(await follow('/', 0).next(3));
    });

    test('a watch that begins while others write misses nothing and repeats nothing', async () => {
      const batches = Math.floor((under.watchBufferChanges - 1) / 5);
      const written = (async () => {
        for (let i = 0; i < batches; i++) await Promise.all(Array.from({ length: 5 }, (_, j) => store.create(`/p/${i}-${j}`, '')));
        await store.create('/p/end', '');
      })();
      const readings: { from: number; changes: Promise<Change[]> }[] = [];
      for (let i = 0; i < 8; i++) {
        readings.push({ from: store.revision(), changes: untilEnd(follow('/p/', store.revision()).iterator) });
        await store.create(`/other/${i}`, 'makes a gap in the revisions of /p/');
      }
      await written;
      const all = await untilEnd(follow('/p/', 0).iterator);
      expect(all).toHaveLength(batches * 5 + 1);
      for (const { from, changes } of readings) {
        expect(await changes).toEqual(all.filter((change) => change.type === 'put' && change.entry.modRevision > from));
      }
    });

    test('a watch from a revision to come gives only what is newer than that', async () => {
      const watch = follow('/', 2);
      const first = watch.next(1);
      for (const key of ['/1', '/2', '/3']) await store.create(key, '');
      expect(await first).toMatchObject([{ entry: { key: '/3', modRevision: 3 } }]);
    });

    test('progress comes once a watch has caught up, and for changes that are not under its prefix', async () => {
      await store.create('/p/a', '1');
      await store.create('/q/a', '1');
      const { iterator } = follow('/p/', 0);
      expect((await iterator.next()).value).toMatchObject({ type: 'put', entry: { modRevision: 1 } });
      expect((await iterator.next()).value).toEqual({ type: 'progress', revision: 2 });
      const waiting = iterator.next();
      await store.create('/q/b', '1');
      expect((await waiting).value).toEqual({ type: 'progress', revision: 3 });
    });

    test('progress never overtakes a change that is still unread', async () => {
      const { iterator } = follow('/p/', 0);
      await iterator.next();
      await store.create('/p/a', '1');
      await store.create('/q/a', '1');
      await store.create('/p/b', '1');
      await store.create('/q/b', '1');
      const seen = [(await iterator.next()).value, (await iterator.next()).value, (await iterator.next()).value];
      expect(seen).toMatchObject([{ entry: { key: '/p/a' } }, { entry: { key: '/p/b' } }, { type: 'progress', revision: 4 }]);
    });

    test('an abort ends a watch without error, while it waits and before it begins', async () => {
      const waiting = follow('/', 0);
      await waiting.iterator.next();
      const next = waiting.iterator.next();
      waiting.stop();
      expect(await next).toEqual({ done: true, value: undefined });
      const unread = follow('/', 0);
      unread.stop();
      expect(await unread.iterator.next()).toEqual({ done: true, value: undefined });
    });

    test('a reader that lets its buffer overflow is cut off with compacted; others and the writer go on', async () => {
      const slow = follow('/p/', 0);
      const quick = follow('/p/', 0);
      await slow.iterator.next();
      const count = under.watchBufferChanges + 1;
      for (let i = 0; i < count; i++) {
        await store.create(`/p/${i}`, '');
        expect(await quick.next(1)).toMatchObject([{ entry: { modRevision: i + 1 } }]);
      }
      await expect(slow.iterator.next()).rejects.toMatchObject({ code: 'compacted' });
      expect(await slow.iterator.next()).toEqual({ done: true, value: undefined });
      expect(await follow('/p/', 0).next(count)).toHaveLength(count);
    });

    describe('after a compaction', () => {
      beforeEach(async () => {
        await store.create('/a', '1');
        await store.update('/a', '2', 1);
        await store.create('/gone', 'x');
        await store.delete('/gone', 3);
        await store.update('/a', '3', 2);
        await store.compact(4);
      });

      test('what is newest stays, and the revisions too', async () => {
        expect(store.compactedRevision()).toBe(4);
        expect(store.revision()).toBe(5);
        expect((await store.list('/')).entries).toEqual([{ key: '/a', value: '3', createRevision: 1, modRevision: 5 }]);
      });

      test('the state at the compacted revision is still known, an older one is compacted', async () => {
        expect((await store.list('/', { atRevision: 4 })).entries).toEqual([{ key: '/a', value: '2', createRevision: 1, modRevision: 2 }]);
        await expect(store.list('/', { atRevision: 3 })).rejects.toMatchObject({ code: 'compacted' });
      });

      test('a watch from the compacted revision gives what follows, an older one is compacted', async () => {
        expect(await follow('/', 4).next(1)).toMatchObject([{ type: 'put', entry: { value: '3' }, previous: { value: '2' } }]);
        await expect(follow('/', 3).iterator.next()).rejects.toMatchObject({ code: 'compacted' });
      });

      test('a smaller one changes nothing, one beyond the end stops there, and revisions go on after it', async () => {
        await store.compact(2);
        expect(store.compactedRevision()).toBe(4);
        await store.delete('/a', 5);
        await store.compact(1000);
        expect(store.compactedRevision()).toBe(6);
        expect(await store.create('/a', 'new')).toMatchObject({ createRevision: 7, modRevision: 7 });
        expect(await follow('/', 6).next(1)).toMatchObject([{ entry: { modRevision: 7 }, previous: undefined }]);
      });
    });

    test('a live watch goes on over a compaction', async () => {
      const live = follow('/', 0);
      await live.iterator.next();
      await store.create('/a', '1');
      await store.update('/a', '2', 1);
      await store.compact(2);
      await store.update('/a', '3', 2);
      expect(await live.next(3)).toMatchObject([
        { entry: { value: '1' } },
        { entry: { value: '2' } },
        { entry: { value: '3' }, previous: { value: '2' } },
      ]);
    });

    test('close waits for the writes under way, ends watches with unavailable, refuses what comes later, and may be repeated', async () => {
      const { iterator } = follow('/', 0);
      await iterator.next();
      const reading = (async () => {
        for (;;) await iterator.next();
      })();
      const writes = Array.from({ length: 5 }, (_, i) => store.create(`/${i}`, ''));
      const ended = expect(reading).rejects.toMatchObject({ code: 'unavailable' });
      await Promise.all([store.close(), store.close()]);
      expect((await Promise.all(writes)).map((entry) => entry.modRevision)).toEqual([1, 2, 3, 4, 5]);
      await ended;
      await expect(store.get('/0')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.list('/')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.create('/z', '')).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.compact(1)).rejects.toMatchObject({ code: 'unavailable' });
    });

    test('what outlives the store is the same after it is opened again', async ({ skip }) => {
      if (!under.reopen) skip('its data does not outlive it');
      await store.create('/a', '1');
      await store.update('/a', '2', 1);
      await store.create('/b', '1');
      await store.delete('/b', 3);
      await store.compact(4);
      store = await under.reopen!();
      expect(store.revision()).toBe(4);
      expect(store.compactedRevision()).toBe(4);
      expect((await store.list('/')).entries).toEqual([{ key: '/a', value: '2', createRevision: 1, modRevision: 2 }]);
      expect(await store.create('/c', '')).toMatchObject({ modRevision: 5 });
      expect(await follow('/', 4).next(1)).toMatchObject([{ entry: { key: '/c' } }]);
    });

    modelConformance(open);
  });
}

/** What a watch gives up to the put of `/p/end`, without progress. */
async function untilEnd(iterator: AsyncIterator<Change>): Promise<Change[]> {
  const changes: Change[] = [];
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) throw new Error(`the watch ended after ${changes.length} changes`);
    if (value.type !== 'progress') changes.push(value);
    if (value.type === 'put' && value.entry.key === '/p/end') return changes;
  }
}
