import { existsSync, statSync } from 'node:fs';
import { DroverError } from '../base/errors.ts';
import { backupSqlite, restoreSqlite } from '../store/sqlite/backup.ts';
import { lockHome } from './home-lock.ts';
import { prepareHome, type Home } from './home.ts';

/** Copies the state of a home to `file`, also while its server runs. Throws `already-exists` rather than replace a file, `not-found` without a state. */
export async function backUp(home: Home, file: string): Promise<{ revision: number; bytes: number }> {
  if (existsSync(file)) throw new DroverError('already-exists', `${file} exists already; name a new file`);
  if (!existsSync(home.database)) throw new DroverError('not-found', `${home.dir} holds no state yet: no server has run there`);
  const { revision } = await backupSqlite(home.database, file);
  return { revision, bytes: statSync(file).size };
}

/** Puts a backup in the place of a home's state, its server being down. Returns where the replaced state is kept, if there was one. */
export async function restore(home: Home, file: string): Promise<string | undefined> {
  prepareHome(home);
  const lock = lockHome(home);
  try {
    const replaced = existsSync(home.database);
    await restoreSqlite(file, home.database, { overwrite: true });
    return replaced ? `${home.database}.before-restore` : undefined;
  } finally {
    lock.release();
  }
}
