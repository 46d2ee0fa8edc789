/** Why a key of server.properties may not be set by users. A key that ends in a dot is a prefix. */
const OWNED: readonly (readonly [key: string, why: string])[] = [
  ['node.id', 'Drover numbers the brokers by their index'],
  ['broker.id', 'Drover numbers the brokers by their index'],
  ['broker.rack', 'all brokers share this config, so that a rack would be the same for all'],
  ['process.roles', 'each node is broker and controller'],
  ['listeners', 'Drover makes the listeners from spec.kafka.listeners'],
  ['listener.', 'Drover makes the listeners from spec.kafka.listeners'],
  ['advertised.', 'Drover makes the listeners from spec.kafka.listeners'],
  ['inter.broker.listener.name', 'Drover makes the listeners from spec.kafka.listeners'],
  ['security.inter.broker.protocol', 'Drover makes the listeners from spec.kafka.listeners'],
  ['early.start.listeners', 'Drover makes the listeners from spec.kafka.listeners'],
  ['log.dir', 'Drover places the data'],
  ['log.dirs', 'Drover places the data'],
  ['metadata.log.dir', 'Drover places the data'],
  ['cordoned.log.dirs', 'Drover places the data'],
  ['controller.listener.names', 'Drover forms the quorum'],
  ['controller.quorum.voters', 'Drover forms the quorum'],
  ['controller.quorum.bootstrap.servers', 'Drover forms the quorum'],
  ['controller.quorum.auto.join.enable', 'Drover forms the quorum'],
  ['ssl.', 'TLS is not supported yet'],
  ['sasl.', 'authentication is not supported yet'],
  ['authorizer.', 'authorization is not supported yet'],
  ['super.users', 'authorization is not supported yet'],
  ['zookeeper.', 'Kafka 4 runs without ZooKeeper'],
  ['inter.broker.protocol.version', 'Kafka 4 has metadata.version in its place'],
];

/** The reason why `key` is Drover's own, or undefined when users may set it. */
export function ownedBecause(key: string): string | undefined {
  return OWNED.find(([owned]) => (owned.endsWith('.') ? key.startsWith(owned) : key === owned))?.[1];
}

/** Keys whose value is a replication factor: at most the broker count. */
export const REPLICATION_FACTORS: readonly string[] = [
  'default.replication.factor',
  'offsets.topic.replication.factor',
  'transaction.state.log.replication.factor',
  'share.coordinator.state.topic.replication.factor',
];

/** Keys whose value is a least ISR, with the replication factor that it must not exceed. */
export const LEAST_ISRS: readonly (readonly [key: string, factor: string])[] = [
  ['min.insync.replicas', 'default.replication.factor'],
  ['transaction.state.log.min.isr', 'transaction.state.log.replication.factor'],
  ['share.coordinator.state.topic.min.isr', 'share.coordinator.state.topic.replication.factor'],
];

/** What Drover sets where the user does not: three replicas and a least ISR of two where there are brokers for it. */
export function configDefaults(brokers: number): Record<string, number> {
  const factor = Math.min(3, brokers);
  const leastIsr = factor >= 3 ? 2 : 1;
  return {
    ...Object.fromEntries(REPLICATION_FACTORS.map((key) => [key, factor])),
    ...Object.fromEntries(LEAST_ISRS.map(([key]) => [key, leastIsr])),
  };
}
