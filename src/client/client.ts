import type { KindRef } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';

/**
 * What controllers, operators, dialects, agents and the CLI see of the resource API. It promises only what every engine keeps (design.md 3):
 * opaque resourceVersions, no transactions over objects, no snapshot over kinds. Faults are DroverErrors with the codes named below.
 * Implementations: in-process over the API's verbs, HTTP to Drover or a Kubernetes API server.
 */
export interface ResourceClient {
  /** Throws `not-found`. */
  get<T extends Resource>(kind: KindRef<T>, key: ObjectKey): Promise<Stored<T>>;
  list<T extends Resource>(kind: KindRef<T>, options?: ListQuery): Promise<ResourceList<T>>;
  /** Changes after `resourceVersion` (from a list), until the signal aborts. Throws `compacted`: list again. */
  watch<T extends Resource>(kind: KindRef<T>, options: WatchQuery): AsyncIterable<WatchEvent<T>>;
  /** Throws `already-exists`, `invalid`, `forbidden`, `not-found` (the namespace). */
  create<T extends Resource>(kind: KindRef<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Replaces all but status; metadata.resourceVersion, when set, must still hold. Throws `conflict`, `not-found`, `invalid`. */
  update<T extends Resource>(kind: KindRef<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** Replaces status only. Throws as update. */
  updateStatus<T extends Resource>(kind: KindRef<T>, object: T, options?: WriteOptions): Promise<Stored<T>>;
  /** JSON merge patch (RFC 7386). `subresource: 'status'` for status. Throws as update. */
  patch<T extends Resource>(
    kind: KindRef<T>,
    key: ObjectKey,
    patch: object,
    options?: WriteOptions & { subresource?: 'status' },
  ): Promise<Stored<T>>;
  /** Resolves with the object while it waits for finalizers or its grace period, undefined when it is gone. Throws `not-found`, `conflict`. */
  delete<T extends Resource>(kind: KindRef<T>, key: ObjectKey, options?: DeleteOptions): Promise<Stored<T> | undefined>;
}

export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
}

export interface WatchQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  readonly signal: AbortSignal;
}

export interface ResourceList<T extends Resource> {
  readonly items: readonly Stored<T>[];
  /** The list's resourceVersion: where a watch goes on from. */
  readonly resourceVersion: string;
  readonly continue?: string;
}

export type WatchEvent<T extends Resource> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

export interface WriteOptions {
  readonly dryRun?: boolean;
  /** Who writes, for audit; default the client's own identity. */
  readonly actor?: string;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** 0 ends at once without waiting for the one who ends the object (kubectl --force). */
  readonly gracePeriodSeconds?: number;
  readonly dryRun?: boolean;
  readonly actor?: string;
}
