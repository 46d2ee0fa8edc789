import { DatabaseSync } from 'node:sqlite';
import { DroverError } from '../base/errors.ts';
import type { Home } from './home.ts';
import { readServerRecord } from './server-record.ts';

/** Held for as long as a process serves (or takes down) a home. */
export interface HomeLock {
  release(): void;
}

/**
 * Takes the home's lock or throws `conflict` saying who holds it. The lock is the operating system's (through SQLite's file locks), so it ends
 * with its holder however that ends; nothing stale can be left behind.
 */
export function lockHome(home: Home): HomeLock {
  const database = new DatabaseSync(home.lock);
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked|busy/i.test((error as Error).message))
      throw new DroverError('terminal', `cannot lock ${home.lock}: ${(error as Error).message}`, { cause: error });
    const holder = readServerRecord(home);
    const who = holder
      ? `process ${holder.pid}, serving ${holder.url} since ${holder.startedAt}`
      : 'another process that is starting or stopping';
    throw new DroverError(
      'conflict',
      `${home.dir} is in use by ${who}; stop it with 'drover down', or set DROVER_HOME to another directory`,
      { cause: error },
    );
  }
  let released = false;
  return {
    release() {
      if (released) return;
      released = true;
      database.close();
    },
  };
}
