import type { Pod } from '../../src/model/core/pod.ts';
import type { ManagedServiceSpec } from '../../src/model/drover/managed-service.ts';
import type { PodInstance } from '../../src/model/drover/pod-instance.ts';
import type { Stored } from '../../src/model/resource.ts';
import type { ServiceView } from '../../src/operators/operator.ts';
import type { Kafka } from '../../src/operators/kafka/kind.ts';

/** How a broker stands, as the view of a service shows it. */
export interface Standing {
  readonly port: number;
  readonly pod: 'ready' | 'starting' | 'none';
  readonly initialized?: boolean;
  readonly incarnation?: number;
}

const CREATED = '2026-01-01T00:00:00Z';

/** The view that a controller would give an operator of these brokers. */
export function viewOf(kafka: Stored<Kafka>, standings: readonly Standing[], accepted?: ManagedServiceSpec, nowMs = 0): ServiceView<Kafka> {
  const service = kafka.metadata.name;
  const instances = standings.map((standing, index): Stored<PodInstance> => ({
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'PodInstance',
    metadata: {
      name: `${service}-${index}`,
      namespace: 'default',
      uid: `uid-${service}-${index}`,
      resourceVersion: '1',
      creationTimestamp: CREATED,
    },
    spec: {
      service,
      podType: 'kafka',
      index,
      revision: `${service}-1`,
      podHash: 'hash',
      incarnation: standing.incarnation ?? 1,
      desired: 'Running',
      ports: { plain: standing.port, controller: standing.port + 1000 },
      volumes: [{ name: 'data', id: `volume-${index}`, initialized: standing.initialized ?? true }],
    },
  }));
  const pods = instances.flatMap((instance, index): [string, Stored<Pod>][] => {
    const standing = standings[index]!;
    if (standing.pod === 'none') return [];
    const pod: Stored<Pod> = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...instance.metadata, uid: `pod-${index}` },
      spec: { containers: [{ name: 'broker', image: 'kafka:4.3.1' }] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: standing.pod === 'ready' ? 'True' : 'False' }] },
    };
    return [[instance.metadata.name, pod]];
  });
  return { resource: kafka, instances, pods: new Map(pods), accepted, addressOf: () => '127.0.0.1', nowMs };
}
