import { DroverError } from '../base/errors.ts';

// Not as an import: that would load all of fs, with its streams, 10 ms of a short command.
const { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { homedir } = process.getBuiltinModule('node:os');
const { join, resolve } = process.getBuiltinModule('node:path');

/** Where all state of one Drover lives: one directory, mode 0700. Paths are absolute. */
export interface Home {
  readonly dir: string;
  /** The store: SQLite, WAL beside it. */
  readonly database: string;
  /** The bearer token, 0600. */
  readonly token: string;
  /** Who serves this home and where; written after the server listens, removed when it ends. */
  readonly serverRecord: string;
  /** The server's own log when it runs in the background. */
  readonly serverLog: string;
  readonly lock: string;
  /** Tasks of the process driver. */
  readonly tasks: string;
  /** The agent: volumes and records. */
  readonly agent: string;
  readonly packages: string;
  /** Says that the directory is Drover's: nothing is changed or deleted in one without it. */
  readonly marker: string;
  /** What this machine's Node is called, chosen once: a changed hostname must not make its pods somebody else's. */
  readonly nodeName: string;
}

/** The paths below `DROVER_HOME` (default `~/.drover`); touches nothing. */
export function locateHome(env: Readonly<Record<string, string | undefined>>): Home {
  const dir = resolve(env['DROVER_HOME'] || join(homedir(), '.drover'));
  return {
    dir,
    database: join(dir, 'state.db'),
    token: join(dir, 'token'),
    serverRecord: join(dir, 'server.json'),
    serverLog: join(dir, 'server.log'),
    lock: join(dir, 'lock'),
    tasks: join(dir, 'tasks'),
    agent: join(dir, 'agent'),
    packages: join(dir, 'packages'),
    marker: join(dir, '.drover-home'),
    nodeName: join(dir, 'node-name'),
  };
}

/**
 * Makes the directory, mode 0700, and marks it as Drover's. Throws `terminal` when it is no directory, belongs to somebody else, holds other things or cannot
 * be made.
 */
export function prepareHome(home: Home): void {
  try {
    mkdirSync(home.dir, { recursive: true, mode: 0o700 });
    const found = lstatSync(home.dir);
    const uid = process.getuid?.();
    if (uid !== undefined && found.uid !== uid) {
      throw new DroverError(
        'terminal',
        `${home.dir} belongs to user ${found.uid}, not to you (${uid}); set DROVER_HOME to a directory of your own`,
      );
    }
    if (!existsSync(home.marker)) {
      if (readdirSync(home.dir).length > 0) {
        throw new DroverError('terminal', `${home.dir} is not empty and no home of Drover; set DROVER_HOME to a new directory`);
      }
      writeFileSync(home.marker, 'All state of one Drover. Delete it with: drover down --purge\n', { mode: 0o600 });
    }
    if ((found.mode & 0o077) !== 0) chmodSync(home.dir, 0o700);
  } catch (error) {
    if (error instanceof DroverError) throw error;
    throw new DroverError('terminal', `cannot use ${home.dir} as DROVER_HOME: ${(error as Error).message}`, { cause: error });
  }
}
