import type { DatabaseSync } from 'node:sqlite';
import { judge, type Write } from '../verdict.ts';
import type { Outcome } from './protocol.ts';

/** Applies single writes inside the caller's transaction. */
export interface WriteStatements {
  /** Judges `write` against what its key is now and, when it may be, stores it as `revision`. */
  apply(write: Write, revision: number): Outcome;
}

/** Prepares the statements of a write on `db`. */
export function prepareWrites(db: DatabaseSync): WriteStatements {
  const find = db.prepare(
    'SELECT c.revision, l.createRevision, l.value FROM current c JOIN log l ON l.revision = c.revision WHERE c.key = ?',
  );
  const append = db.prepare('INSERT INTO log (revision, key, createRevision, previousRevision, deleted, value) VALUES (?, ?, ?, ?, ?, ?)');
  const point = db.prepare(
    'INSERT INTO current (key, revision) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision',
  );
  const forget = db.prepare('DELETE FROM current WHERE key = ?');
  return {
    apply(write, revision) {
      const row = find.get(write.key);
      const found = row && {
        modRevision: Number(row['revision']),
        createRevision: Number(row['createRevision']),
        value: String(row['value']),
      };
      const refusal = judge(write, found?.modRevision);
      if (refusal) return { fault: refusal };
      const createRevision = found?.createRevision ?? revision;
      const deletes = write.verb === 'delete';
      append.run(revision, write.key, createRevision, found?.modRevision ?? 0, deletes ? 1 : 0, deletes ? '' : write.value);
      if (deletes) forget.run(write.key);
      else point.run(write.key, revision);
      return { revision, createRevision, previous: found && { value: found.value, modRevision: found.modRevision } };
    },
  };
}
