import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { DroverError } from '../../base/errors.ts';
import type { LoggedChange } from '../fan-out.ts';
import { prefixEnd } from '../key-order.ts';
import type { Entry, ListOptions, ListResult } from '../store.ts';
import { toStoreError } from './fault.ts';

type Row = Record<string, SQLOutputValue>;

/** Log rows that one read of the past looks at; about two milliseconds. */
const WINDOW_ROWS = 1000;
/** Greater than every key: to SQLite a BLOB comes after all TEXT. */
const NO_END = new Uint8Array(0);

/** Reads a store file on a connection of its own, which never waits for the writer and sees all that it has committed. */
export class Reader {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;

  /** Opens the file, which must have its schema already. */
  constructor(path: string) {
    this.#path = path;
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 1000 });
    this.#db.exec('PRAGMA cache_size = -16000');
    this.#statements = prepare(this.#db);
  }

  /** The newest entry of `key`. */
  get(key: string): Entry | undefined {
    try {
      const row = this.#statements.get.get(key);
      return row && toEntry(row);
    } catch (error) {
      throw toStoreError(error, this.#path);
    }
  }

  /** As `Store.list`. */
  list(prefix: string, options: ListOptions): ListResult {
    return this.#snapshot((newest, compacted) => {
      const revision = options.atRevision ?? newest;
      assertKnown(revision, compacted);
      if (revision > newest) throw new DroverError('bad-request', `Revision ${revision} is not written yet.`);
      const { list, count, listAt, countAt } = this.#statements;
      const end = prefixEnd(prefix) ?? NO_END;
      const limit = options.limit ?? -1;
      const after = options.afterKey ?? '';
      const isNow = revision === newest;
      const rows = isNow ? list.all(prefix, end, after, limit) : listAt.all(prefix, end, after, revision, revision, limit);
      const entries = rows.map(toEntry);
      if (entries.length !== options.limit) return { entries, revision, remaining: 0 };
      const last = entries.at(-1)?.key ?? after;
      const rest = isNow ? count.get(prefix, end, last) : countAt.get(prefix, end, last, revision, revision);
      return { entries, revision, remaining: Number(rest?.['n']) };
    });
  }

  /** As `ChangeLog.read`. */
  changes(prefix: string, afterRevision: number, uptoRevision: number): { changes: LoggedChange[]; reachedRevision: number } {
    return this.#snapshot((_newest, compacted) => {
      assertKnown(afterRevision, compacted);
      const { window, changes } = this.#statements;
      const { n, end } = window.get(afterRevision, uptoRevision)!;
      const reachedRevision = Number(n) < WINDOW_ROWS ? Math.max(afterRevision, uptoRevision) : Number(end);
      const rows = changes.all(afterRevision, reachedRevision, prefix, prefixEnd(prefix) ?? NO_END);
      return { changes: rows.map(toChange), reachedRevision };
    });
  }

  /** Closes the connection. */
  close(): void {
    this.#db.close();
  }

  /** Runs `read` on one consistent state of the file. */
  #snapshot<T>(read: (newestRevision: number, compactedRevision: number) => T): T {
    const { begin, state, end } = this.#statements;
    try {
      begin.run();
      const row = state.get();
      const compacted = Number(row?.['compactedRevision']);
      return read(Math.max(compacted, Number(row?.['newest'] ?? 0)), compacted);
    } catch (error) {
      throw toStoreError(error, this.#path);
    } finally {
      if (this.#db.isTransaction) end.run();
    }
  }
}

function prepare(db: DatabaseSync) {
  const entry = 'l.key, l.value, l.createRevision, l.revision';
  const past = `l.key >= ? AND l.key < ? AND l.key > ? AND l.revision <= ? AND l.deleted = 0
    AND NOT EXISTS (SELECT 1 FROM log n WHERE n.key = l.key AND n.revision > l.revision AND n.revision <= ?)`;
  return {
    begin: db.prepare('BEGIN'),
    end: db.prepare('ROLLBACK'),
    state: db.prepare('SELECT compactedRevision, (SELECT max(revision) FROM log) AS newest FROM state'),
    get: db.prepare(`SELECT ${entry} FROM current c JOIN log l ON l.revision = c.revision WHERE c.key = ?`),
    list: db.prepare(
      `SELECT ${entry} FROM current c CROSS JOIN log l ON l.revision = c.revision
       WHERE c.key >= ? AND c.key < ? AND c.key > ? ORDER BY c.key LIMIT ?`,
    ),
    count: db.prepare('SELECT count(*) AS n FROM current WHERE key >= ? AND key < ? AND key > ?'),
    listAt: db.prepare(`SELECT ${entry} FROM log l INDEXED BY logByKey WHERE ${past} ORDER BY l.key LIMIT ?`),
    countAt: db.prepare(`SELECT count(*) AS n FROM log l INDEXED BY logByKey WHERE ${past}`),
    window: db.prepare(
      `SELECT count(*) AS n, max(revision) AS "end" FROM
       (SELECT revision FROM log WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ${WINDOW_ROWS})`,
    ),
    changes: db.prepare(
      `SELECT ${entry}, l.deleted, p.value AS previousValue, p.revision AS previousRevision
       FROM log l NOT INDEXED LEFT JOIN log p ON p.revision = l.previousRevision
       WHERE l.revision > ? AND l.revision <= ? AND l.key >= ? AND l.key < ? ORDER BY l.revision`,
    ),
  };
}

function assertKnown(revision: number, compacted: number): void {
  if (revision < compacted) throw new DroverError('compacted', `Revision ${revision} is forgotten: the log begins at ${compacted}.`);
}

function toEntry(row: Row): Entry {
  return {
    key: String(row['key']),
    value: String(row['value']),
    createRevision: Number(row['createRevision']),
    modRevision: Number(row['revision']),
  };
}

function toChange(row: Row): LoggedChange {
  const entry = toEntry(row);
  const before = row['previousRevision'];
  const previous =
    before === null || before === undefined ? undefined : { ...entry, value: String(row['previousValue']), modRevision: Number(before) };
  if (previous && row['deleted'] === 1) return { type: 'delete', revision: entry.modRevision, previous };
  return { type: 'put', entry, previous };
}
