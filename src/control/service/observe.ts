import { podKind, type Pod } from '../../model/core/pod.ts';
import { managedServiceKind, type ManagedService } from '../../model/drover/managed-service.ts';
import { operationKind } from '../../model/drover/operation.ts';
import { planRunKind } from '../../model/drover/plan-run.ts';
import { podInstanceKind, type PodInstance } from '../../model/drover/pod-instance.ts';
import { serviceRevisionKind } from '../../model/drover/service-revision.ts';
import type { Kind } from '../../model/kind.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { parseKey, type Resource, type Stored } from '../../model/resource.ts';
import type { ServiceSnapshot } from '../../plan/service-snapshot.ts';
import type { Caches } from '../controller.ts';
import type { ServiceMemory, TermMemory } from './service-memory.ts';

/** For how long ports that this process gave out count as taken though no cache shows them. */
const PORT_MEMORY_MS = 60_000;

/** Where a snapshot comes from. */
export interface Sources {
  readonly caches: Caches;
  readonly term: TermMemory;
  readonly memory: ServiceMemory;
  addressOf(instance: PodInstance): string;
}

/** The picture of one service from the caches and own writes; undefined when there is no such service. Its cost is that of the service, not of the herd. */
export function observe(key: string, sources: Sources, nowMs: number): ServiceSnapshot | undefined {
  const { caches, memory, term } = sources;
  const { namespace = '', name } = parseKey(key);
  const service = memory.writes.get(managedServiceKind, caches.of(managedServiceKind), namespace, name);
  if (!service) return undefined;
  const list = <T extends Resource>(kind: Kind<T>, mine: (object: Stored<T>) => boolean): Stored<T>[] =>
    memory.writes.list(kind, caches.of(kind).byLabel(namespace, LABEL_SERVICE, name).filter(mine), mine, nowMs);
  const owned = (object: Resource) => object.metadata.ownerReferences?.some((owner) => owner.uid === service.metadata.uid) ?? false;
  const instances = list(podInstanceKind, owned);
  const runs = list(planRunKind, owned);
  const pods = new Map<string, Stored<Pod>>();
  const podCache = caches.of(podKind);
  for (const instance of instances) {
    const pod = memory.writes.get(podKind, podCache, namespace, instance.metadata.name);
    if (pod) pods.set(instance.metadata.name, pod);
  }
  const revisions = list(serviceRevisionKind, owned);
  return {
    service,
    revisions,
    runs: memory.unstoredRun ? [...runs, memory.unstoredRun] : runs,
    instances,
    pods,
    operations: list(operationKind, (operation) => operation.spec.target.service === name),
    gated: operatorOf(service, revisions) !== undefined,
    gates: memory.gates,
    occupiedPorts: () => occupiedPorts(caches, term, nowMs),
    instanceOwner: (instance) => caches.of(podInstanceKind).get({ namespace, name: instance })?.spec.service,
    addressOf: sources.addressOf,
    nowMs,
  };
}

/** The operator whose gates apply: that of the target, before the first one that of the spec. */
export function operatorOf(
  service: ManagedService,
  revisions: ServiceSnapshot['revisions'],
): { name: string; resource: string } | undefined {
  const target = revisions.find((revision) => revision.metadata.name === service.status?.targetRevision);
  return (target?.spec.template ?? service.spec).operator;
}

function occupiedPorts(caches: Caches, term: TermMemory, nowMs: number): Set<number> {
  const ports = new Set<number>();
  for (const instance of caches.of(podInstanceKind).list()) for (const port of Object.values(instance.spec.ports)) ports.add(port);
  for (const pod of caches.of(podKind).list()) {
    for (const container of pod.spec.containers) for (const port of container.ports ?? []) ports.add(port.hostPort ?? port.containerPort);
  }
  for (const [port, atMs] of term.recentPorts) {
    if (nowMs - atMs > PORT_MEMORY_MS) term.recentPorts.delete(port);
    else ports.add(port);
  }
  return ports;
}
