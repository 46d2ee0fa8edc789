import { DroverError } from '../../base/errors.ts';
import { damageMessage } from './schema.ts';

/** What SQLite's error means for the store: may the next write succeed (`full`, `busy`), is the file broken, or must the writer stop? */
export type FaultKind = 'full' | 'busy' | 'damaged' | 'io' | 'other';

/** SQLite's primary result codes that matter here. */
const SQLITE = { busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

/** Sorts what node:sqlite (by its result code) or node:fs threw. */
export function faultKind(error: unknown): FaultKind {
  if (!(error instanceof Error)) return 'other';
  if ('syscall' in error && 'code' in error) return error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'full' : 'io';
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  switch (code) {
    case SQLITE.full:
      return 'full';
    case SQLITE.busy:
    case SQLITE.locked:
      return 'busy';
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return 'damaged';
    case SQLITE.readOnly:
    case SQLITE.ioError:
    case SQLITE.cannotOpen:
      return 'io';
    default:
      return 'other';
  }
}

/** The error that callers see for a failed read or write of the store at `path`: one line that says what to do. */
export function toStoreError(error: unknown, path: string): DroverError {
  if (error instanceof DroverError) return error;
  const detail = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
  const cause = { cause: error };
  switch (faultKind(error)) {
    case 'full':
      return new DroverError(
        'unavailable',
        `The disk of ${path} is full, or the store has reached its size limit: free some room, then repeat.`,
        { ...cause, retryAfterSeconds: 10 },
      );
    case 'busy':
      return new DroverError('unavailable', `The store ${path} is held by another process: repeat in a moment.`, {
        ...cause,
        retryAfterSeconds: 1,
      });
    case 'damaged':
      return new DroverError('terminal', damageMessage(path, detail), cause);
    case 'io':
      return new DroverError(
        'terminal',
        `The store ${path} cannot be read or written (${detail}): see to its disk and rights, then start again.`,
        cause,
      );
    case 'other':
      return new DroverError('internal', `The store ${path} failed: ${detail}.`, cause);
  }
}
