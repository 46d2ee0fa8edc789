import type { Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun, StepAction } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import type { Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';

/** What a decision sees of one service. Nothing of another service but the ports and names that are taken. */
export interface ServiceSnapshot {
  readonly service: Stored<ManagedService>;
  readonly revisions: readonly Stored<ServiceRevision>[];
  readonly runs: readonly Stored<PlanRun>[];
  readonly instances: readonly Stored<PodInstance>[];
  /** By name of the PodInstance: the Pod of that name, whoever owns it. */
  readonly pods: ReadonlyMap<string, Stored<Pod>>;
  /** Decided ones too (they are collected). */
  readonly operations: readonly Stored<Operation>[];
  /** True when a domain operator's gates apply. */
  readonly gated: boolean;
  /** The operator's answers so far, by key of the call; kept in memory only, so a restart asks again. */
  readonly gates: ReadonlyMap<string, GateAnswer>;
  /** Ports of all other pods and instances on the machines; computed only when a port is to be allotted. */
  occupiedPorts(): ReadonlySet<number>;
  /** The service that an existing PodInstance belongs to. */
  instanceOwner(instanceName: string): string | undefined;
  /** The address of an instance for clients and peers. */
  addressOf(instance: PodInstance): string;
  readonly nowMs: number;
}

export type GateName = 'mayStop' | 'prepare' | 'settled';

/** A question to the operator. Equal keys ask the same; an answer is remembered under its key. */
export interface GateCall {
  readonly key: string;
  readonly gate: GateName;
  readonly instance: string;
  readonly action: StepAction;
  readonly record: unknown;
  readonly force: { readonly reason: string } | undefined;
}

/** The operator's verdict (operators/operator.ts) and when it came. */
export type GateAnswer = { readonly answeredAtMs: number } & (
  | { readonly verdict: 'go'; readonly record?: unknown; readonly warnings?: readonly Reason[] }
  | { readonly verdict: 'hold'; readonly reason: Reason; readonly retryAfterMs: number }
  | { readonly verdict: 'refuse'; readonly reason: Reason }
);

/** The accepted configuration that plans work towards; undefined before the first. */
export function targetRevision(snapshot: ServiceSnapshot): Stored<ServiceRevision> | undefined {
  return snapshot.revisions.find((revision) => revision.metadata.name === snapshot.service.status?.targetRevision);
}
