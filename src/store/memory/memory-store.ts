import { DroverError } from '../../base/errors.ts';
import { FanOut, type LoggedChange } from '../fan-out.ts';
import { checkKey, compareKeys } from '../key-order.ts';
import type { Entry, ListOptions, ListResult, Store } from '../store.ts';
import { judge, type Write } from '../verdict.ts';
import { keyOf, revisionOf, type WatchBounds } from '../watch-queue.ts';

/** A write on its way: `before` nothing has happened, `after` it is applied and watchers have it, but the caller has no answer yet. */
export interface WriteMoment {
  readonly phase: 'before' | 'after';
  readonly verb: Write['verb'];
  readonly key: string;
  /** The revision that the write gets. */
  readonly revision: number;
}

export interface MemoryStoreOptions {
  /** Called twice for each write that passes its check. What it throws rejects the write: at `before` unapplied, at `after` applied. */
  readonly onWrite?: (moment: WriteMoment) => void;
  /** What a watcher may leave unread; absent members as `WATCH_BOUNDS`. */
  readonly watchBounds?: Partial<WatchBounds>;
}

/** A store in memory, for tests and the simulator: nothing is durable, and all that happens, happens in microtasks. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const entries = new Map<string, Entry>();
  const keys: string[] = [];
  let log: LoggedChange[] = [];
  let compacted = 0;
  let closed = false;
  const fanOut = new FanOut(0, options.watchBounds);

  function assertOpen(): void {
    if (closed) throw new DroverError('unavailable', 'The store is closed.');
  }

  function assertKnown(revision: number): void {
    if (revision < compacted) throw new DroverError('compacted', `Revision ${revision} is forgotten: the log begins at ${compacted}.`);
  }

  function write(asked: Write): LoggedChange {
    assertOpen();
    checkKey(asked.key);
    const previous = entries.get(asked.key);
    const refusal = judge(asked, previous?.modRevision);
    if (refusal) throw new DroverError(refusal.code, refusal.message);
    const moment = { verb: asked.verb, key: asked.key, revision: fanOut.revision + 1 };
    options.onWrite?.({ phase: 'before', ...moment });
    const change = apply(asked, previous, moment.revision);
    log.push(change);
    fanOut.publish([change]);
    options.onWrite?.({ phase: 'after', ...moment });
    return change;
  }

  function apply(asked: Write, previous: Entry | undefined, revision: number): LoggedChange {
    if (asked.verb === 'delete') {
      entries.delete(asked.key);
      keys.splice(firstAtOrAfter(keys, asked.key), 1);
      return { type: 'delete', revision, previous: previous! };
    }
    const entry = { key: asked.key, value: asked.value, createRevision: previous?.createRevision ?? revision, modRevision: revision };
    entries.set(asked.key, entry);
    if (!previous) keys.splice(firstAtOrAfter(keys, asked.key), 0, asked.key);
    return { type: 'put', entry, previous };
  }

  /** The entries under `prefix` as they were at `revision`: the present with the later changes undone. */
  function entriesAt(prefix: string, revision: number): Entry[] {
    const present: Entry[] = [];
    for (let i = firstAtOrAfter(keys, prefix); i < keys.length && keys[i]!.startsWith(prefix); i++) present.push(entries.get(keys[i]!)!);
    if (revision >= fanOut.revision) return present;
    const past = new Map(present.map((entry) => [entry.key, entry]));
    for (const change of log.toReversed()) {
      if (revisionOf(change) <= revision) break;
      const key = keyOf(change);
      if (!key.startsWith(prefix)) continue;
      if (change.previous) past.set(key, change.previous);
      else past.delete(key);
    }
    return [...past.values()].sort((a, b) => compareKeys(a.key, b.key));
  }

  function list(prefix: string, { limit, afterKey, atRevision }: ListOptions): ListResult {
    assertOpen();
    const revision = atRevision ?? fanOut.revision;
    assertKnown(revision);
    if (revision > fanOut.revision) throw new DroverError('bad-request', `Revision ${revision} is not written yet.`);
    const all = entriesAt(prefix, revision);
    const from = afterKey === undefined ? all : all.filter((entry) => compareKeys(entry.key, afterKey) > 0);
    const page = limit === undefined ? from : from.slice(0, limit);
    return { entries: page, revision, remaining: from.length - page.length };
  }

  return {
    async get(key) {
      assertOpen();
      return entries.get(key);
    },
    async list(prefix, listOptions = {}) {
      return list(prefix, listOptions);
    },
    async create(key, value) {
      return entryOf(write({ verb: 'create', key, value }));
    },
    async update(key, value, expectedRevision) {
      return entryOf(write({ verb: 'update', key, value, expectedRevision }));
    },
    async delete(key, expectedRevision) {
      return revisionOf(write({ verb: 'delete', key, expectedRevision }));
    },
    watch: (prefix, afterRevision, signal) =>
      fanOut.watch(
        {
          read(under, after, upto) {
            assertKnown(after);
            const changes = log.slice(indexAfter(log, after)).filter((change) => keyOf(change).startsWith(under));
            return { changes, reachedRevision: Math.max(after, upto) };
          },
        },
        prefix,
        afterRevision,
        signal,
      ),
    revision: () => fanOut.revision,
    async compact(revision) {
      assertOpen();
      compacted = Math.max(compacted, Math.min(revision, fanOut.revision));
      log = log.slice(indexAfter(log, compacted));
    },
    compactedRevision: () => compacted,
    async close() {
      closed = true;
      fanOut.close(new DroverError('unavailable', 'The store is closed.'));
    },
  };
}

function entryOf(change: LoggedChange): Entry {
  if (change.type === 'put') return change.entry;
  throw new DroverError('internal', `A write of ${change.previous.key} was stored as a deletion.`);
}

/** The index of the first change with a revision greater than `revision`. */
function indexAfter(log: readonly LoggedChange[], revision: number): number {
  return lowerBound(log.length, (i) => revisionOf(log[i]!) > revision);
}

/** The index of the first of the ordered `keys` that is not less than `key`. */
function firstAtOrAfter(keys: readonly string[], key: string): number {
  return lowerBound(keys.length, (i) => compareKeys(keys[i]!, key) >= 0);
}

/** The least index below `length` for which `holds`, which must hold for all greater ones too; else `length`. */
function lowerBound(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
