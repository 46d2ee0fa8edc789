import type { DatabaseSync } from 'node:sqlite';
import { DroverError } from '../../base/errors.ts';

/** Marks a SQLite file as a Drover store (`PRAGMA application_id`): "Drvr". */
export const APPLICATION_ID = 0x44727672;

/**
 * How a store file came to its present form: step i takes schema version i to i+1. Steps that were ever released are never changed.
 *
 * `log` holds each write that is not forgotten yet; `current` says which of them is the newest of its key. `previousRevision` is 0 for a new key.
 * `state` is one row: what has been promised to be forgotten, and up to where that has been done.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE log (
     revision INTEGER PRIMARY KEY,
     key TEXT NOT NULL,
     createRevision INTEGER NOT NULL,
     previousRevision INTEGER NOT NULL,
     deleted INTEGER NOT NULL,
     value TEXT NOT NULL
   ) STRICT;
   CREATE INDEX logByKey ON log (key, revision);
   CREATE TABLE current (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE state (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     compactedRevision INTEGER NOT NULL,
     purgedRevision INTEGER NOT NULL
   ) STRICT;
   INSERT INTO state VALUES (1, 0, 0);
   PRAGMA application_id = ${APPLICATION_ID};`,
];

/**
 * Throws `terminal` when `db` is not a Drover store (an empty file may become one), when a newer Drover wrote it, or when its pages are
 * damaged. Returns its schema version, 0 for an empty file.
 */
export function checkFile(db: DatabaseSync, path: string, newestVersion = MIGRATIONS.length): number {
  const version = pragma(db, 'user_version');
  const application = pragma(db, 'application_id');
  const objects = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || objects !== 0)) {
    throw new DroverError('terminal', `${path} is a SQLite file of another program: give Drover a path of its own.`);
  }
  if (version > newestVersion) {
    const message = `${path} was written by a newer Drover (schema ${version}; this one knows up to ${newestVersion}): start that one, or restore a backup of this one.`;
    throw new DroverError('terminal', message);
  }
  const faults = db.prepare('PRAGMA quick_check(1)').all();
  const fault = faults[0]?.['quick_check'];
  if (fault !== 'ok') throw new DroverError('terminal', damageMessage(path, String(fault)));
  return version;
}

/** Brings a checked file to the newest schema, all steps in one transaction. Returns the version it had. */
export function migrate(db: DatabaseSync, version: number, migrations: readonly string[] = MIGRATIONS): void {
  if (version >= migrations.length) return;
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** One line about a damaged file, with the way out. */
export function damageMessage(path: string, detail: string): string {
  return `The store ${path} is damaged (${detail.replaceAll(/\s+/g, ' ')}): keep a copy of it and run \`drover restore FILE\` with your newest backup.`;
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
