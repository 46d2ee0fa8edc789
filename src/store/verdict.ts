import type { ErrorCode } from '../base/errors.ts';

/** One write as a caller asks for it. */
export type Write =
  | { readonly verb: 'create'; readonly key: string; readonly value: string }
  | { readonly verb: 'update'; readonly key: string; readonly value: string; readonly expectedRevision: number }
  | { readonly verb: 'delete'; readonly key: string; readonly expectedRevision: number };

/** Why a write cannot be: what becomes the caller's DroverError. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Judges `write` against the modRevision that its key has now (undefined: no such key); undefined means that it may be applied. */
export function judge(write: Write, modRevision: number | undefined): Refusal | undefined {
  if (write.verb === 'create') {
    return modRevision === undefined ? undefined : { code: 'already-exists', message: `${write.key} already exists.` };
  }
  if (modRevision === undefined) return { code: 'not-found', message: `${write.key} does not exist.` };
  if (modRevision === write.expectedRevision) return undefined;
  const message = `${write.key} has revision ${modRevision}, not ${write.expectedRevision}: read it again and repeat the change.`;
  return { code: 'conflict', message };
}
