/**
 * The store's contract: a flat, ordered key space with one revision counter and a log of changes, as etcd has it (kine's shape on SQL).
 * Keys are paths (`/core/pods/default/kafka-0`); values are JSON texts. Every implementation passes `conformance.ts`.
 *
 * Revisions are positive integers, grow by exactly one with each successful write and are never used twice. A write resolves only when it
 * would outlive a power loss. Reads see all writes that were acknowledged before they began.
 */
export interface Store {
  /** The newest entry of `key`, or undefined. */
  get(key: string): Promise<Entry | undefined>;
  /** Entries whose key starts with `prefix`, ordered by key. Throws `compacted` when `atRevision` is no longer known. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>;
  /** Stores a new key. Throws `already-exists`. */
  create(key: string, value: string): Promise<Entry>;
  /** Replaces a value if its modRevision is still `expectedRevision`. Throws `not-found`, `conflict`. */
  update(key: string, value: string, expectedRevision: number): Promise<Entry>;
  /** Removes a key if its modRevision is still `expectedRevision`. Returns the revision of the deletion. Throws `not-found`, `conflict`. */
  delete(key: string, expectedRevision: number): Promise<number>;
  /**
   * All changes of keys under `prefix` with a revision greater than `afterRevision`, in order, without gap or repeat, until `signal` aborts
   * (then it ends without error). `progress` items tell that everything up to their revision has been delivered. Throws `compacted` when the
   * log no longer reaches back to `afterRevision`, or when the reader is so slow that its bounded buffer overflows: list again then.
   */
  watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<Change>;
  /** The revision of the newest write (0 in an empty store). */
  revision(): number;
  /** Forgets superseded values and deletions up to `revision`; the newest value of each key stays. */
  compact(revision: number): Promise<void>;
  /** The revision up to which the log has been forgotten (0: never). */
  compactedRevision(): number;
  /** Ends after the writes under way; idempotent. */
  close(): Promise<void>;
}

export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface ListOptions {
  /** At most so many entries; absent: all. */
  readonly limit?: number;
  /** Only keys greater than this one. */
  readonly afterKey?: string;
  /** The state as it was at this revision; absent: now. */
  readonly atRevision?: number;
}

export interface ListResult {
  readonly entries: readonly Entry[];
  /** The revision that the list shows. */
  readonly revision: number;
  /** How many entries come after the last one of a limited list. */
  readonly remaining: number;
}

export type Change =
  | { readonly type: 'put'; readonly entry: Entry; readonly previous: Entry | undefined }
  | { readonly type: 'delete'; readonly revision: number; readonly previous: Entry }
  | { readonly type: 'progress'; readonly revision: number };
