import type { ConfigMap } from '../model/core/config-map.ts';
import type { Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import type { Reason } from '../model/reason.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { GateCall } from './service-snapshot.ts';

/** An Event and a log line to write once the action it comes with has been done. */
export interface Note {
  readonly about: Resource;
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
}

/**
 * What a decision wants done: each is one idempotent write (start-pod: two, the files first). Updates are compare-and-swaps on the object they were
 * decided from; creates have names that a repeat would choose again.
 */
export type Action = { readonly notes?: readonly Note[] } & (
  | { readonly type: 'create-revision'; readonly revision: ServiceRevision }
  | { readonly type: 'service-status'; readonly service: Stored<ManagedService>; readonly status: NonNullable<ManagedService['status']> }
  | { readonly type: 'create-run'; readonly run: PlanRun }
  | { readonly type: 'run-status'; readonly run: Stored<PlanRun>; readonly status: RunStatus }
  | { readonly type: 'create-instance'; readonly instance: PodInstance }
  | {
      readonly type: 'instance-spec';
      readonly instance: Stored<PodInstance>;
      readonly spec: PodInstance['spec'];
      /** Volumes given up and not removed yet; absent: as they were. */
      readonly discard?: readonly string[];
    }
  | { readonly type: 'instance-status'; readonly instance: Stored<PodInstance>; readonly status: NonNullable<PodInstance['status']> }
  | { readonly type: 'delete-instance'; readonly instance: Stored<PodInstance> }
  | { readonly type: 'start-pod'; readonly pod: Pod; readonly files: ConfigMap | undefined }
  | { readonly type: 'stop-pod'; readonly pod: Stored<Pod> }
  | { readonly type: 'decide-operation'; readonly operation: Stored<Operation>; readonly status: NonNullable<Operation['status']> }
  | { readonly type: 'collect'; readonly object: Stored<PlanRun> | Stored<ServiceRevision> | Stored<Operation> }
  | { readonly type: 'keep-service'; readonly service: Stored<ManagedService> }
  | { readonly type: 'release-service'; readonly service: Stored<ManagedService> }
);

export type RunStatus = NonNullable<PlanRun['status']>;

/** What to do now, what to ask the operator (one after the other, first things first), and when to look again without a change, epoch ms. */
export interface Decision {
  readonly actions: readonly Action[];
  readonly asks: readonly GateCall[];
  readonly wakeAtMs?: number;
}

/** The earlier of two times of which any may be missing. */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
