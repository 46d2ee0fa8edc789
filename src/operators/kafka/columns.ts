import type { Column } from '../../model/kind.ts';
import type { Kafka } from './kind.ts';

/** What `kubectl get kafkas` shows. */
export const kafkaColumns: readonly Column<Kafka>[] = [
  { name: 'Name', type: 'string', description: 'Name of the cluster.', value: (kafka) => kafka.metadata.name ?? null },
  {
    name: 'Ready',
    type: 'string',
    description: 'Whether all brokers are back in every ISR.',
    value: (kafka) => kafka.status?.conditions?.find((condition) => condition.type === 'Ready')?.status ?? null,
  },
  {
    name: 'Brokers',
    type: 'string',
    description: 'Brokers that run, of those wanted.',
    value: (kafka) => `${kafka.status?.brokers?.filter((broker) => broker.state === 'Running').length ?? 0}/${kafka.spec.kafka.replicas}`,
  },
  { name: 'Version', type: 'string', description: 'Release that runs.', value: (kafka) => kafka.status?.kafkaVersion ?? null },
  {
    name: 'Under-Replicated',
    type: 'integer',
    description: 'Partitions whose ISR lacks a replica.',
    value: (kafka) => kafka.status?.underReplicatedPartitions ?? null,
  },
  {
    name: 'Bootstrap',
    type: 'string',
    description: 'Where clients connect.',
    priority: 1,
    value: (kafka) => kafka.status?.bootstrapServers ?? null,
  },
  {
    name: 'Quorum-Leader',
    type: 'integer',
    description: 'Active controller.',
    priority: 1,
    value: (kafka) => kafka.status?.quorumLeader ?? null,
  },
];
