import type { ServiceView } from '../operator.ts';
import { brokersOf, type BrokerView } from './brokers.ts';
import { versionOf } from './compile.ts';
import type { Kafka } from './kind.ts';
import type { ClusterSnapshot } from './snapshot.ts';
import { compareVersions } from './version.ts';

/** Ms until the next look: rarely while all is well, so that an idle cluster costs next to nothing. */
const WELL_MS = 30_000;
const UNWELL_MS = 2000;

/** The status of a Kafka. Pure. `snapshot` undefined: nobody answers; what cannot be known then is `undefined`, so that no old number stays. */
export function kafkaStatus(
  view: ServiceView<Kafka>,
  snapshot: ClusterSnapshot | undefined,
): { status: Record<string, unknown>; refreshAfterMs: number } {
  const brokers = brokersOf(view);
  const states = brokers.map((broker) => ({ broker, state: brokerState(broker, snapshot) }));
  const partitions = (snapshot?.topics ?? []).flatMap((topic) =>
    topic.partitions.map((partition) => ({ ...partition, minIsr: topic.minIsr })),
  );
  const underReplicated = partitions.filter((partition) => partition.isr.length < partition.replicas.length).length;
  const wanted = view.resource.spec.kafka.replicas;
  const well =
    snapshot !== undefined &&
    underReplicated === 0 &&
    snapshot.quorum.voters.length === wanted &&
    states.filter(({ state }) => state === 'Running').length === wanted;
  return {
    status: {
      ...(snapshot && { clusterId: snapshot.clusterId }),
      kafkaVersion: runningVersion(view),
      bootstrapServers: addresses(brokers).join(',') || undefined,
      quorumLeader: snapshot?.quorum.leaderId,
      voters: snapshot?.quorum.voters.map((voter) => voter.id).sort((a, b) => a - b),
      brokers: states.map(({ broker, state }) => ({
        id: broker.id,
        pod: broker.instance.metadata.name,
        address: broker.address ? `${broker.address.host}:${broker.address.port}` : '',
        state,
      })),
      underReplicatedPartitions: snapshot && underReplicated,
      underMinIsrPartitions:
        snapshot && partitions.filter((partition) => partition.isr.length < Math.min(partition.minIsr, partition.replicas.length)).length,
    },
    refreshAfterMs: well ? WELL_MS : UNWELL_MS,
  };
}

function addresses(brokers: readonly BrokerView[]): string[] {
  return brokers.flatMap(({ address }) => (address ? [`${address.host}:${address.port}`] : []));
}

/** `Running`: takes part. `Fenced`: its process runs but it does not take part. `Starting`, `Down`: as its pod. `Unknown`: it runs, and nobody answers. */
function brokerState(broker: BrokerView, snapshot: ClusterSnapshot | undefined): string {
  if (broker.state === 'down') return 'Down';
  if (broker.state === 'starting') return 'Starting';
  if (!snapshot) return 'Unknown';
  return snapshot.live.has(broker.id) ? 'Running' : 'Fenced';
}

/** The oldest release among the pods: what the cluster can be taken for while a roll is under way. */
function runningVersion(view: ServiceView<Kafka>): string {
  const versions = [...view.pods.values()].flatMap((pod) =>
    pod.spec.containers.flatMap((container) => container.image?.split(':')[1] ?? []),
  );
  return versions.sort(compareVersions)[0] ?? versionOf(view.resource);
}
