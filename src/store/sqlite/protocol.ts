import type { ErrorCode } from '../../base/errors.ts';
import type { Write } from '../verdict.ts';

/** How the writer is to open the file; what `new Worker` gives it. */
export interface WriterSettings {
  readonly path: string;
  /** The file may not grow over this; undefined: as far as the disk goes. */
  readonly maxSizeMiB: number | undefined;
}

/** From the store to its writer. Answers carry the same id. */
export type Request =
  | { readonly type: 'writes'; readonly firstId: number; readonly writes: readonly Write[] }
  | { readonly type: 'compact'; readonly id: number; readonly revision: number }
  | { readonly type: 'close' };

/** From the writer to its store. */
export type Answer =
  | { readonly type: 'open'; readonly revision: number; readonly compactedRevision: number; readonly migratedFrom: number | undefined }
  | { readonly type: 'not-open'; readonly fault: WireFault }
  /** One commit: the outcome of each write in the order of their revisions. */
  | { readonly type: 'outcomes'; readonly outcomes: readonly { readonly id: number; readonly outcome: Outcome }[] }
  /** The promise is kept from now on that `revision` is forgotten; the rows go later. */
  | { readonly type: 'compacted'; readonly revision: number }
  | { readonly type: 'compact-done'; readonly id: number; readonly fault: WireFault | undefined }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'closed' };

/** What became of one write. `previous` is what it superseded. */
export type Outcome =
  | {
      readonly revision: number;
      readonly createRevision: number;
      readonly previous: { readonly value: string; readonly modRevision: number } | undefined;
    }
  | { readonly fault: WireFault };

/** A DroverError that crosses threads. */
export interface WireFault {
  readonly code: ErrorCode;
  readonly message: string;
}
