import type { KindRef } from '../model/kind.ts';
import type { Event } from '../model/core/event.ts';
import type { Pod } from '../model/core/pod.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { Operation } from '../model/drover/operation.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Resource } from '../model/resource.ts';

// The addresses of the kinds that commands know by themselves; everything else comes from discovery. No schema is loaded: it would cost 150 ms.

const drover = { group: 'drover.dev', version: 'v1alpha1', namespaced: true } as const;
const core = { group: '', version: 'v1', namespaced: true } as const;

export const podRef: KindRef<Pod> = { ...core, kind: 'Pod', plural: 'pods' };
export const eventRef: KindRef<Event> = { ...core, kind: 'Event', plural: 'events' };
export const managedServiceRef: KindRef<ManagedService> = { ...drover, kind: 'ManagedService', plural: 'managedservices' };
export const podInstanceRef: KindRef<PodInstance> = { ...drover, kind: 'PodInstance', plural: 'podinstances' };
export const planRunRef: KindRef<PlanRun> = { ...drover, kind: 'PlanRun', plural: 'planruns' };
export const operationRef: KindRef<Operation> = { ...drover, kind: 'Operation', plural: 'operations' };
export const kafkaRef: KindRef<Resource> = { ...drover, kind: 'Kafka', plural: 'kafkas' };
