/**
 * What the operator asks a Kafka cluster: a narrow port over its admin protocol. Bound to one connected broker and one AbortSignal. Every call
 * throws a DroverError: `unavailable` (no answer in time, connection lost, no quorum leader, election under way: ask again), `not-found` and
 * `already-exists` (topics), `invalid` (Kafka refuses the request). Implementations: platformatic-admin.ts and fake.ts, both under conformance.ts.
 */
export interface KafkaAdmin {
  /** Cluster id and the brokers that take part now; fenced ones are not among them. */
  describeCluster(): Promise<ClusterDescription>;
  /** The controllers' quorum as its leader sees it. */
  describeQuorum(): Promise<QuorumDescription>;
  /** All topics, internal ones too, as the connected broker knows them. */
  listTopics(): Promise<readonly TopicDescription[]>;
  /** The effective value of one key for each of `topics`; topics that are gone are left out. */
  topicConfig(topics: readonly string[], key: string): Promise<ReadonlyMap<string, string>>;
  /** Levels of the features that the cluster has finalized: metadata.version, kraft.version, … */
  features(): Promise<ReadonlyMap<string, number>>;
  /** Resolves once the topic is made; its leaders may follow. Throws `already-exists`. */
  createTopic(topic: NewTopic): Promise<void>;
  /** Throws `not-found`. */
  deleteTopic(name: string): Promise<void>;
  /** Sets or (null) unsets cluster-wide broker config, at once and for all brokers. */
  alterClusterConfig(entries: Readonly<Record<string, string | null>>): Promise<void>;
  /** What is set cluster-wide by alterClusterConfig or by Kafka itself, without defaults. */
  clusterConfig(): Promise<ReadonlyMap<string, string>>;
  /** Makes the first replica leader; partitions that have it already, or whose first replica is not in sync, are left as they are. */
  electPreferredLeaders(partitions: readonly PartitionName[]): Promise<void>;
  /** Takes a voter out of the quorum; no-op when that id with that directory is no voter. */
  removeVoter(voter: { readonly id: number; readonly directoryId: string }): Promise<void>;
  /** Idempotent; never throws. */
  close(): Promise<void>;
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ClusterDescription {
  readonly clusterId: string;
  readonly brokers: readonly ({ readonly id: number } & BrokerAddress)[];
}

export interface QuorumReplica {
  readonly id: number;
  /** Names the disk of the node: a node with a new volume is another replica. */
  readonly directoryId: string;
  readonly logEndOffset: number;
  /** By the leader's clock, epoch ms; the leader's own is its now. */
  readonly lastCaughtUpAtMs: number;
}

export interface QuorumDescription {
  readonly leaderId: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
}

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionDescription {
  readonly partition: number;
  /** -1: none. */
  readonly leader: number;
  /** In order of preference. */
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicDescription {
  readonly name: string;
  /** Never used again, also not for a topic of the same name. */
  readonly id: string;
  readonly partitions: readonly PartitionDescription[];
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * Connects to the first of `addresses` that answers. Throws `unavailable` when none does, naming the last reason. `timeoutMs` bounds each connection and
 * each call; aborting `signal` fails what is under way.
 */
export type OpenKafkaAdmin = (options: {
  readonly addresses: readonly BrokerAddress[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}) => Promise<KafkaAdmin>;
