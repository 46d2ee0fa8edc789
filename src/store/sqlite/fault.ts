import { DroverError } from '../../base/errors.ts';
import { damageMessage } from './schema.ts';

/** What SQLite's error means for the store: may the next write succeed (`full`, `busy`), is the file broken, or must the writer stop? */
export type FaultKind = 'full' | 'busy' | 'damaged' | 'io' | 'other';

/** Sorts what node:sqlite threw by its result code. */
export function faultKind(error: unknown): FaultKind {
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  switch (code) {
    case 13:
      return 'full';
    case 5:
    case 6:
      return 'busy';
    case 11:
    case 26:
      return 'damaged';
    case 8:
    case 10:
    case 14:
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
