import type { DatabaseSync } from 'node:sqlite';
import type { Write } from '../verdict.ts';
import { prepareWrites } from './apply.ts';
import { faultKind, toStoreError } from './fault.ts';
import type { Outcome, WireFault } from './protocol.ts';

/** A write that waits for its commit; `id` names it in the answer. */
export interface WaitingWrite {
  readonly id: number;
  readonly write: Write;
}

/** Commits groups of writes, counts revisions, and stops for good when what is on disk can no longer be trusted. */
export interface Committer {
  /** Stores a group with one sync; each write is judged by itself, in order. Never throws. */
  commit(group: readonly WaitingWrite[]): { readonly id: number; readonly outcome: Outcome }[];
  /** Moves what the log has collected into the file. Never throws; returns what went wrong. */
  checkpoint(): WireFault | undefined;
  /** Pages that the log has collected since the last checkpoint, roughly. */
  readonly loggedPages: number;
  /** Counts `pages` that others wrote to the log. */
  addPages(pages: number): void;
}

/**
 * A committer that goes on after `revision`. After an I/O error or damage it refuses all further writes: a failed sync may have dropped pages
 * that a later sync would call safe, so only a restart, which reads the log again, can tell what is stored.
 */
export function createCommitter(db: DatabaseSync, path: string, revision: number): Committer {
  const statements = prepareWrites(db);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const moveLog = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let newest = revision;
  let stopped: WireFault | undefined;
  let loggedPages = 0;

  function store(group: readonly WaitingWrite[]): { id: number; outcome: Outcome }[] {
    let next = newest;
    begin.run();
    const answers = group.map(({ id, write }) => {
      const outcome = statements.apply(write, next + 1);
      if ('revision' in outcome) next = outcome.revision;
      return { id, outcome };
    });
    end.run();
    newest = next;
    return answers;
  }

  function toFault(error: unknown): WireFault {
    const { code, message } = toStoreError(error, path);
    const kind = faultKind(error);
    if (kind === 'io' || kind === 'damaged') stopped = { code: 'terminal', message: `${message} Writes are refused until then.` };
    return { code, message };
  }

  function commit(group: readonly WaitingWrite[]): { id: number; outcome: Outcome }[] {
    if (stopped) return refuse(group, stopped);
    try {
      const answers = store(group);
      for (const { write } of group) loggedPages += 4 + ('value' in write ? write.value.length / 4096 : 0);
      return answers;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      const fault = toFault(error);
      // What fails for a reason of its own must not take its neighbours with it.
      if (faultKind(error) === 'other' && group.length > 1) return group.flatMap((one) => commit([one]));
      // A full disk may have room again once the log is moved and its space reused.
      if (faultKind(error) === 'full') loggedPages = Infinity;
      return refuse(group, fault);
    }
  }

  return {
    commit,
    checkpoint() {
      loggedPages = 0;
      try {
        moveLog.get();
        return undefined;
      } catch (error) {
        return toFault(error);
      }
    },
    get loggedPages() {
      return loggedPages;
    },
    addPages(pages) {
      loggedPages += pages;
    },
  };
}

function refuse(group: readonly WaitingWrite[], fault: WireFault): { id: number; outcome: Outcome }[] {
  return group.map(({ id }) => ({ id, outcome: { fault } }));
}
