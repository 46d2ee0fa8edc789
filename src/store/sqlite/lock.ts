import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DroverError } from '../../base/errors.ts';
import { faultKind, toStoreError } from './fault.ts';

/**
 * Holds the store at `path` for this process, by a lock on `<path>.lock` that the system drops when the process ends, however it ends. The
 * returned function lets go. Throws `unavailable` when another holds it.
 */
export function lockStore(path: string): () => void {
  let db: DatabaseSync | undefined;
  try {
    createPrivately(`${path}.lock`);
    db = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    if (faultKind(error) !== 'busy') throw toStoreError(error, path);
    throw new DroverError('unavailable', `The store ${path} is in use by another Drover: stop that one first.`, { cause: error });
  }
  const held = db;
  return () => held.close();
}

/** Makes an empty file that only its owner may read, unless there is one. Never touches a file that SQLite may have open. */
export function createPrivately(path: string): void {
  if (existsSync(path)) return;
  closeSync(openSync(path, 'a', 0o600));
}
