/** The thread that copies store files: backup and restore. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { DroverError } from '../../base/errors.ts';
import { toStoreError } from './fault.ts';
import { createPrivately, lockStore } from './lock.ts';
import type { WireFault } from './protocol.ts';
import { checkFile, migrate } from './schema.ts';

/** What the thread is to do; paths are absolute. */
export type CopyTask =
  | { readonly type: 'backup'; readonly from: string; readonly to: string }
  | { readonly type: 'restore'; readonly from: string; readonly to: string; readonly overwrite: boolean; readonly gap: number };

/** What came of it. */
export type CopyAnswer = { readonly type: 'done'; readonly revision: number } | { readonly type: 'failed'; readonly fault: WireFault };

if (parentPort) {
  let answer: CopyAnswer;
  const task = workerData as CopyTask;
  try {
    answer = { type: 'done', revision: task.type === 'backup' ? backup(task) : restore(task) };
  } catch (error) {
    const { code, message } = toStoreError(error, task.from);
    answer = { type: 'failed', fault: { code, message } };
  }
  parentPort.postMessage(answer);
}

function backup({ from, to }: Extract<CopyTask, { type: 'backup' }>): number {
  const partial = partialName(to);
  try {
    copy(from, partial);
    const revision = read(partial, newestRevision);
    syncFile(partial);
    renameSync(partial, to);
    syncFile(dirname(to));
    return revision;
  } finally {
    rmSync(partial, { force: true });
  }
}

function restore({ from, to, overwrite, gap }: Extract<CopyTask, { type: 'restore' }>): number {
  if (!existsSync(from)) throw new DroverError('not-found', `There is no backup ${from}.`);
  const unlock = lockStore(to);
  const partial = partialName(to);
  try {
    if (existsSync(to) && !overwrite) {
      throw new DroverError('already-exists', `There is a store at ${to} already: say that it is to be replaced, or move it away.`);
    }
    copy(from, partial);
    const revision = beginAfter(partial, Math.max(read(partial, newestRevision), replacedRevision(to)) + gap);
    syncFile(partial);
    keepReplaced(to);
    renameSync(partial, to);
    syncFile(dirname(to));
    return revision;
  } finally {
    rmSync(partial, { force: true });
    unlock();
  }
}

/** Writes what `from` holds at one moment to the new file `to`; reads every page of it, so damage shows. */
function copy(from: string, to: string): void {
  if (!existsSync(from)) throw new DroverError('not-found', `There is no store ${from}.`);
  read(from, (db) => {
    if (checkFile(db, from) === 0) throw new DroverError('terminal', `${from} is empty: it is no Drover store.`);
    createPrivately(to);
    db.prepare('VACUUM INTO ?').run(to);
  });
}

/** Migrates the copied store and makes its next revision the one after `revision`. */
function beginAfter(path: string, revision: number): number {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
    migrate(db, checkFile(db, path));
    db.prepare('UPDATE state SET compactedRevision = ?').run(revision);
    return revision;
  } finally {
    db.close();
  }
}

/** The newest revision of the store that is to be replaced; 0 when there is none or it cannot be read. */
function replacedRevision(path: string): number {
  if (!existsSync(path)) return 0;
  try {
    return read(path, newestRevision);
  } catch {
    return 0;
  }
}

/** Gives the old store a second name, together with its log, so that the rename over the first loses nothing. */
function keepReplaced(path: string): void {
  if (!existsSync(path)) return;
  const kept = `${path}.before-restore`;
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${kept}${suffix}`, { force: true });
  try {
    const db = new DatabaseSync(path);
    try {
      db.exec('PRAGMA journal_mode = DELETE');
    } finally {
      db.close();
    }
  } catch {
    // A damaged store cannot take its log in: both are kept as they are.
  }
  linkSync(path, kept);
  // A log left beside the new file would be taken for its own.
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  rmSync(`${path}-shm`, { force: true });
}

function read<T>(path: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return use(db);
  } finally {
    db.close();
  }
}

function newestRevision(db: DatabaseSync): number {
  const row = db.prepare('SELECT max(compactedRevision, ifnull((SELECT max(revision) FROM log), 0)) AS newest FROM state').get();
  return Number(row?.['newest']);
}

function partialName(to: string): string {
  return `${to}.partial-${process.pid}`;
}

function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
