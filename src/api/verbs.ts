import type { Kind } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';

/**
 * The resource API without HTTP: every rule of Kubernetes' API machinery (validation, defaults, optimistic concurrency, finalizers, graceful
 * deletion, selectors, paging, watch) lives behind this interface. The HTTP front and the in-process client are both thin callers of it.
 */
export interface Verbs {
  /** `resourceVersion`: "0" any state will do, a number: at least that new; default: the newest. Throws `not-found`, `timeout`. */
  get(kind: Kind, key: ObjectKey, request?: { readonly resourceVersion?: string }): Promise<Stored<Resource>>;
  list(kind: Kind, request: ListRequest): Promise<ListAnswer>;
  /** Ends without error when the signal aborts. Throws `compacted` (410) as first result or in the stream. */
  watch(kind: Kind, request: WatchRequest): AsyncIterable<WatchItem>;
  create(kind: Kind, namespace: string | undefined, body: unknown, request: WriteRequest): Promise<Stored<Resource>>;
  update(kind: Kind, key: ObjectKey, body: unknown, request: WriteRequest): Promise<Stored<Resource>>;
  patch(kind: Kind, key: ObjectKey, patch: Patch, request: WriteRequest): Promise<Stored<Resource>>;
  /** `gone`: it no longer exists (the object is its last state); otherwise it waits for finalizers or grace. */
  delete(kind: Kind, key: ObjectKey, request: DeleteRequest): Promise<{ gone: boolean; object: Stored<Resource> }>;
  /** Deletes what the list request selects; resolves with what was selected. */
  deleteCollection(kind: Kind, list: ListRequest, request: DeleteRequest): Promise<ListAnswer>;
}

export interface ListRequest {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export interface ListAnswer {
  readonly items: readonly Stored<Resource>[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface WatchRequest {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly signal: AbortSignal;
}

export type WatchItem =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<Resource> }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface WriteRequest {
  /** `finalize`: of namespaces only, sets `spec.finalizers`; the namespace goes when none is left. */
  readonly subresource?: 'status' | 'finalize';
  readonly dryRun?: boolean;
  /** Default Strict for our own callers; the HTTP front passes what the caller asked for (kube-apiserver's default is Warn). */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly fieldManager?: string;
  /** Who asks: user name of the credential. */
  readonly actor: string;
  /** Called with each warning that belongs in a `Warning` header. */
  readonly warn?: (text: string) => void;
}

export interface DeleteRequest {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly dryRun?: boolean;
  readonly actor: string;
}

export type Patch =
  | { readonly type: 'json'; readonly operations: unknown }
  | { readonly type: 'merge'; readonly body: unknown }
  | { readonly type: 'strategic'; readonly body: unknown };
