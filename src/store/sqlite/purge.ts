import type { DatabaseSync } from 'node:sqlite';

/** Deletes what a compaction has promised to forget, a bounded batch at a time. */
export interface Purge {
  /** Stores the promise that everything up to `revision` is forgotten; inside its own transaction. */
  promise(revision: number): void;
  /** Deletes the next batch in a transaction of its own; false when nothing is left to do. */
  step(): boolean;
}

/** Log rows that one batch looks at: about a millisecond of work beside a sync. */
const BATCH_ROWS = 500;

/**
 * Prepares the purge on `db`. A row at revision r says which row it superseded: when r is forgotten, that one goes, and r itself if it is a
 * deletion. So one pass over the log in order of revision, remembered in `state.purgedRevision`, visits each row once, over restarts too.
 */
export function preparePurge(db: DatabaseSync): Purge {
  const promised = db.prepare('UPDATE state SET compactedRevision = max(compactedRevision, ?)');
  const range = db.prepare(
    `SELECT s.purgedRevision AS "from", s.compactedRevision AS "end",
       (SELECT max(revision) FROM (SELECT revision FROM log WHERE revision > s.purgedRevision AND revision <= s.compactedRevision
          ORDER BY revision LIMIT ${BATCH_ROWS})) AS "to"
     FROM state s`,
  );
  const superseded = db.prepare(
    'DELETE FROM log WHERE revision IN (SELECT previousRevision FROM log WHERE revision > ? AND revision <= ? AND previousRevision > 0)',
  );
  const deletions = db.prepare('DELETE FROM log WHERE revision > ? AND revision <= ? AND deleted = 1');
  const done = db.prepare('UPDATE state SET purgedRevision = ?');
  return {
    promise(revision) {
      promised.run(revision);
    },
    step() {
      const row = range.get();
      const from = Number(row?.['from']);
      const end = Number(row?.['end']);
      if (from >= end) return false;
      const to = Number(row?.['to'] ?? end);
      db.exec('BEGIN IMMEDIATE');
      try {
        superseded.run(from, to);
        deletions.run(from, to);
        done.run(to);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
      return to < end;
    },
  };
}
