import { ageColumn, conditionStatus, nameColumn, textColumn } from '../../model/columns.ts';
import type { Column } from '../../model/kind.ts';
import type { Kafka } from './kind.ts';

/** What `kubectl get kafkas` shows. */
export const kafkaColumns: readonly Column<Kafka>[] = [
  nameColumn,
  textColumn<Kafka>('Ready', 'Whether all brokers serve as wanted.', (kafka) => conditionStatus(kafka.status?.conditions, 'Ready'), {
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
  }),
  textColumn<Kafka>('Brokers', 'Brokers that take part, of those wanted.', brokers),
  textColumn<Kafka>('Version', 'Release that runs.', (kafka) => kafka.status?.kafkaVersion, { jsonPath: '.status.kafkaVersion' }),
  textColumn<Kafka>('Under-Replicated', 'Partitions whose ISR lacks a replica.', (kafka) => kafka.status?.underReplicatedPartitions, {
    jsonPath: '.status.underReplicatedPartitions',
  }),
  ageColumn,
  textColumn<Kafka>('Bootstrap', 'Where clients connect.', (kafka) => kafka.status?.bootstrapServers, {
    priority: 1,
    jsonPath: '.status.bootstrapServers',
  }),
  textColumn<Kafka>('Quorum-Leader', 'The active controller.', (kafka) => kafka.status?.quorumLeader, {
    priority: 1,
    jsonPath: '.status.quorumLeader',
  }),
];

function brokers(kafka: Kafka): string {
  const running = kafka.status?.brokers?.filter((broker) => broker.state === 'Running').length ?? 0;
  return `${running}/${kafka.spec.kafka.replicas}`;
}
