import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DroverError } from '../../base/errors.ts';
import { FanOut, type LoggedChange } from '../fan-out.ts';
import { checkKey } from '../key-order.ts';
import type { Entry, Store } from '../store.ts';
import type { Write } from '../verdict.ts';
import { revisionOf, type WatchBounds } from '../watch-queue.ts';
import { backupSqlite } from './backup.ts';
import { createPrivately, lockStore } from './lock.ts';
import { Reader } from './reader.ts';
import { toStoreError } from './fault.ts';
import { WriterClient } from './writer-client.ts';

/** Where the store's few lines go: what it migrated, what its disk refused. */
export interface StoreLog {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface SqliteStoreOptions {
  /** The file; made (0600) when there is none, its directory must be there. Beside it lie `-wal`, `-shm` and `.lock`. */
  readonly path: string;
  readonly log?: StoreLog;
  /** The file may not grow over this; default: as far as the disk goes. Then writes are `unavailable` and reads go on. */
  readonly maxSizeMiB?: number;
  /** What a watcher may leave unread; absent members as `WATCH_BOUNDS`. */
  readonly watchBounds?: Partial<WatchBounds>;
}

/** A store in one SQLite file, durable, for one process. */
export interface SqliteStore extends Store {
  /**
   * Writes a consistent copy of the store as it is now to `toFile` (0600, synced, complete or absent; an older backup there is replaced) and
   * returns the revision that it shows. Writers and readers go on meanwhile.
   */
  backup(toFile: string): Promise<{ revision: number }>;
}

/**
 * Opens the store at `options.path`. Throws `unavailable` when another process holds it or the disk is full; `terminal` when the file is damaged,
 * belongs to another program or to a newer Drover.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const path = resolve(options.path);
  const { log } = options;
  const unlock = lockStore(path);
  let client: WriterClient | undefined;
  try {
    createPrivately(path);
    const events = {
      committed: (changes: readonly LoggedChange[]) => fanOut.publish(changes),
      compacted: (revision: number) => {
        compacted = revision;
      },
      log: (level: 'info' | 'warn' | 'error', message: string) => log?.[level]({ path }, message),
      died: (fault: DroverError) => {
        log?.error({ path }, fault.message);
        fanOut.close(fault);
      },
    };
    const started = await WriterClient.open({ path, maxSizeMiB: options.maxSizeMiB }, events);
    client = started.client;
    const fanOut = new FanOut(started.opened.revision, options.watchBounds);
    let compacted = started.opened.compactedRevision;
    const reader = new Reader(path);
    log?.info({ path, revision: started.opened.revision, compactedRevision: compacted }, 'store opened');
    return createStore(path, client, reader, fanOut, () => compacted, unlock);
  } catch (error) {
    await client?.close();
    unlock();
    throw toStoreError(error, path);
  }
}

function createStore(
  path: string,
  writer: WriterClient,
  reader: Reader,
  fanOut: FanOut,
  compactedRevision: () => number,
  unlock: () => void,
): SqliteStore {
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (closing) throw new DroverError('unavailable', 'The store is closed.');
  }

  async function write(asked: Write): Promise<LoggedChange> {
    assertOpen();
    checkKey(asked.key);
    return writer.write(asked);
  }

  async function close(): Promise<void> {
    fanOut.close(new DroverError('unavailable', 'The store is closed.'));
    reader.close();
    await writer.close();
    unlock();
  }

  return {
    async get(key) {
      assertOpen();
      return reader.get(key);
    },
    async list(prefix, options = {}) {
      assertOpen();
      return reader.list(prefix, options);
    },
    async create(key, value) {
      return entryOf(await write({ verb: 'create', key, value }));
    },
    async update(key, value, expectedRevision) {
      return entryOf(await write({ verb: 'update', key, value, expectedRevision }));
    },
    async delete(key, expectedRevision) {
      return revisionOf(await write({ verb: 'delete', key, expectedRevision }));
    },
    watch: (prefix, afterRevision, signal) =>
      fanOut.watch(
        { read: (under, after, upto) => reader.changes(under, after, upto), turn: () => setImmediate() },
        prefix,
        afterRevision,
        signal,
      ),
    revision: () => fanOut.revision,
    async compact(revision) {
      assertOpen();
      const bounded = Math.min(revision, fanOut.revision);
      if (bounded > compactedRevision()) await writer.compact(bounded);
    },
    compactedRevision,
    async backup(toFile) {
      assertOpen();
      return backupSqlite(path, toFile);
    },
    close: () => (closing ??= close()),
  };
}

function entryOf(change: LoggedChange): Entry {
  if (change.type === 'put') return change.entry;
  throw new DroverError('internal', `A write of ${change.previous.key} was stored as a deletion.`);
}
