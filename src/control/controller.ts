import type { Clock } from '../base/clock.ts';
import type { ResourceClient } from '../client/client.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import type { EventRecorder } from '../observe/event-recorder.ts';
import type { Log } from '../observe/log.ts';

export type { EventRecorder, Log };

/**
 * A controller: level-triggered, safe to run twice on the same state. Events only wake keys; `reconcile` reads state and acts. One key is worked on
 * by one worker at a time.
 */
export interface Controller {
  readonly name: string;
  /** Which objects wake which keys. The runtime keeps one shared cache a kind. */
  readonly watches: readonly Watch[];
  /** Keys woken when work begins, whatever objects there are: things to create, things to do by the clock. */
  readonly initialKeys?: readonly string[];
  /**
   * The fields that it alone changes on objects that exist, as `<plural>.<path>`: a start-up check refuses overlaps. `*` is every kind;
   * `managedservices[kafka]` are those of one operator. Creating and deleting whole objects is not listed: preconditions guard that.
   */
  readonly writes: readonly string[];
  /** Keys worked on at the same time; default 4. */
  readonly concurrency?: number;
  reconcile(key: string, context: ControllerContext): Promise<Result | void>;
}

export interface Watch<T extends Resource = Resource> {
  readonly kind: Kind<T>;
  /** The keys that a change of `object` wakes; default its own key. Called with the old state too when it changed. */
  keys?(object: Stored<T>): readonly string[];
}

/** `requeueAfterMs`: look again then, at the latest. A thrown error means: again with back-off; `terminal`: not before the object changes. */
export interface Result {
  readonly requeueAfterMs?: number;
}

export interface ControllerContext {
  readonly client: ResourceClient;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Wakes a key of this controller from outside of a watch (an answer has come). */
  wake(key: string): void;
}

/** Read-only copies of kinds, kept by watches. They may lag behind the store; a write with a stale resourceVersion fails with `conflict`. */
export interface Caches {
  of<T extends Resource>(kind: Kind<T>): Cache<T>;
}

export interface Cache<T extends Resource> {
  get(key: ObjectKey): Stored<T> | undefined;
  list(namespace?: string): readonly Stored<T>[];
  /** Objects by label value, without a scan (an index is made at the first call). */
  byLabel(namespace: string, label: string, value: string): readonly Stored<T>[];
  /** Objects whose ownerReferences hold `uid`, without a scan. */
  byOwner(uid: string): readonly Stored<T>[];
}
