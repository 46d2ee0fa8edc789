import type { Kind } from '../model/kind.ts';
import type { ManagedServiceSpec } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { StepAction } from '../model/drover/plan-run.ts';
import type { Pod } from '../model/core/pod.ts';
import type { Reason } from '../model/reason.ts';
import type { Resource, Stored } from '../model/resource.ts';

/**
 * A domain operator: knows one system, never starts a process. It compiles its kind into a ManagedService, says when a pod may be stopped and
 * when it is fully back, does domain work between, and reports status. All but `compile` may look at the world; each call is idempotent and may be
 * repeated after a crash. Calls run at most one at a time for one service. Every operator passes `conformance.ts`.
 */
export interface Operator<T extends Resource = Resource> {
  readonly name: string;
  readonly kind: Kind<T>;
  /** What the world says of this resource, before compile (e.g. brokers that hold data). Never throws for an unreachable system: says so in its result. */
  observe(view: ServiceView<T>, signal: AbortSignal): Promise<unknown>;
  /** Pure: the resource and what was observed -> the service that should be, or why not. */
  compile(view: ServiceView<T>, observed: unknown): Compiled;
  /** May this instance be stopped now? `holdUntil` verdicts are asked again after `retryAfterMs` or on change. */
  mayStop(query: StepQuery<T>, signal: AbortSignal): Promise<StopVerdict>;
  /** Work between the old incarnation's end and the new one's start (replace, retire: remove the old voter). */
  prepare(query: StepQuery<T>, signal: AbortSignal): Promise<Verdict>;
  /** All tasks are ready by their probes: is the instance fully back for the domain (in all ISRs that it left)? */
  settled(query: StepQuery<T>, signal: AbortSignal): Promise<Verdict>;
  /** The status to report; merged over `status` by the operator's controller, which adds conditions Accepted and Ready itself. */
  status(view: ServiceView<T>, signal: AbortSignal): Promise<{ status: Record<string, unknown>; refreshAfterMs: number }>;
}

/** What an operator sees of one of its resources: shared objects, never changed in place. */
export interface ServiceView<T extends Resource> {
  readonly resource: Stored<T>;
  /** By index. */
  readonly instances: readonly Stored<PodInstance>[];
  /** By instance name; absent: no Pod now. */
  readonly pods: ReadonlyMap<string, Stored<Pod>>;
  /** The spec accepted last (target revision's template), absent before the first. */
  readonly accepted: ManagedServiceSpec | undefined;
  /** The address of a pod for clients and peers: 127.0.0.1 on a laptop. */
  addressOf(instance: PodInstance): string;
  readonly nowMs: number;
}

export interface StepQuery<T extends Resource> {
  readonly view: ServiceView<T>;
  readonly instance: Stored<PodInstance>;
  readonly action: StepAction;
  /** What mayStop recorded at the beginning of this attempt. */
  readonly record: unknown;
  /** Set when a person overrode refusals of this step, with the reason. */
  readonly force: { readonly reason: string } | undefined;
}

export type Compiled =
  | { readonly accepted: true; readonly spec: ManagedServiceSpec; readonly warnings: readonly Reason[] }
  | { readonly accepted: false; readonly reasons: readonly Reason[] };

/** `hold`: not now, ask again. `refuse`: never without force. */
export type StopVerdict =
  | { readonly verdict: 'go'; readonly record: unknown; readonly warnings?: readonly Reason[] }
  | { readonly verdict: 'hold'; readonly reason: Reason; readonly retryAfterMs: number }
  | { readonly verdict: 'refuse'; readonly reason: Reason };

export type Verdict = { readonly verdict: 'go' } | { readonly verdict: 'hold'; readonly reason: Reason; readonly retryAfterMs: number };

/** The operators of this process, by kind; made in the entry point. */
export type OperatorList = readonly Operator[];
