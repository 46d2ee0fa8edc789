import { resolve } from 'node:path';
import { DroverError } from '../../base/errors.ts';
import type { CopyAnswer, CopyTask } from './copy.ts';
import { startThread } from './thread.ts';

/**
 * How far revisions jump in a restored store. What was written after the backup is lost, but its revisions are known outside: readers resume
 * watches from them, writers expect them. So the restored store begins beyond every revision that its earlier life can have reached (at a
 * thousand writes a second, eleven days after the backup; the replaced file counts too when it can be read), and counts all before that as
 * compacted: an old watch gets `compacted` and lists again, an old expected revision never matches a new write.
 */
export const RESTORE_GAP = 1_000_000_000;

/**
 * Copies the store file at `path`, in use or not, to `toFile`: consistent, 0600, synced, complete or absent; an older file there is replaced.
 * Throws `not-found` (no such store), `bad-request` (onto itself), `unavailable` (disk full), `terminal` (damaged, or no store).
 */
export async function backupSqlite(path: string, toFile: string): Promise<{ revision: number }> {
  return run({ type: 'backup', from: resolve(path), to: resolve(toFile) });
}

/**
 * Puts the backup `fromFile` in the place of the store at `toPath`, after checking it; the old store, if any, is kept as
 * `<toPath>.before-restore`. Revisions go on after a gap (`RESTORE_GAP`); returns the first one's predecessor. Throws `not-found` (no such backup),
 * `already-exists` (a store is there and `overwrite` is not true), `unavailable` (that store is in use; disk full), `terminal` (damaged, no
 * backup, or of a newer Drover); then nothing is changed.
 */
export async function restoreSqlite(
  fromFile: string,
  toPath: string,
  options: { overwrite?: boolean } = {},
): Promise<{ revision: number }> {
  return run({ type: 'restore', from: resolve(fromFile), to: resolve(toPath), overwrite: options.overwrite ?? false, gap: RESTORE_GAP });
}

/** Copying reads and syncs for seconds, so it has a thread of its own. */
async function run(task: CopyTask): Promise<{ revision: number }> {
  if (task.from === task.to) throw new DroverError('bad-request', `${task.from} cannot be copied onto itself: name another file.`);
  const worker = startThread('copy', task);
  const ended = new Promise<void>((done) => worker.once('exit', () => done()));
  try {
    const answer = await new Promise<CopyAnswer>((done, fail) => {
      worker.once('message', done);
      worker.once('error', fail);
      worker.once('exit', (code) => fail(new DroverError('internal', `The copy of ${task.from} ended with exit code ${code}.`)));
    });
    if (answer.type === 'failed') throw new DroverError(answer.fault.code, answer.fault.message);
    return { revision: answer.revision };
  } finally {
    await ended;
  }
}
