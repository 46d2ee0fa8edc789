import type { BrokerAddress, KafkaAdmin, OpenKafkaAdmin, QuorumDescription, TopicDescription } from './admin/kafka-admin.ts';

/** What the gates look at: one cluster at one moment, plain data. */
export interface ClusterSnapshot {
  readonly clusterId: string;
  /** Brokers that take part now (registered and not fenced). */
  readonly live: ReadonlySet<number>;
  readonly quorum: QuorumDescription;
  readonly topics: readonly TopicView[];
}

/** A topic with its effective min.insync.replicas. */
export interface TopicView extends TopicDescription {
  readonly minIsr: number;
}

/**
 * Looks at a cluster through `admin`. Throws as its calls do. The order matters: topics are read last, so that a partition is not judged by a state
 * older than the brokers and the quorum.
 */
export async function takeSnapshot(admin: KafkaAdmin): Promise<ClusterSnapshot> {
  const quorum = await admin.describeQuorum();
  const { clusterId, brokers } = await admin.describeCluster();
  const topics = await admin.listTopics();
  const minIsr = await admin.topicConfig(
    topics.map((topic) => topic.name),
    'min.insync.replicas',
  );
  return {
    clusterId,
    live: new Set(brokers.map(({ id }) => id)),
    quorum,
    topics: topics.map((topic) => ({ ...topic, minIsr: Number(minIsr.get(topic.name) ?? 1) })),
  };
}

/**
 * Runs `work` with an admin of the broker that leads the quorum, whose view of ISRs is the newest, and closes it. Falls back to whichever broker answers
 * first. `addresses` by broker id. Throws `unavailable` when none answers.
 */
export async function withAdmin<T>(
  open: OpenKafkaAdmin,
  addresses: ReadonlyMap<number, BrokerAddress>,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  work: (admin: KafkaAdmin) => Promise<T>,
): Promise<T> {
  let admin = await open({ addresses: [...addresses.values()], ...options });
  try {
    const { leaderId } = await admin.describeQuorum();
    const leader = addresses.get(leaderId);
    if (leader) {
      await admin.close();
      admin = await open({ addresses: [leader, ...addresses.values()], ...options });
    }
    return await work(admin);
  } finally {
    await admin.close();
  }
}
