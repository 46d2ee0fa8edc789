import { DroverError } from '../../../base/errors.ts';
import type { KafkaAdmin, NewTopic, OpenKafkaAdmin, QuorumDescription, TopicDescription } from './kafka-admin.ts';

interface FakeTopic {
  readonly id: string;
  readonly config: Readonly<Record<string, string>>;
  readonly partitions: { leader: number; replicas: number[]; isr: number[] }[];
}

/**
 * A Kafka cluster in memory, without protocol and time: what the operator's gates see of one. Nodes are both broker and controller; node `i` is at port
 * `basePort + i`. Passes the same conformance as the real admin. Tests move it by the methods that are not of KafkaAdmin.
 */
export class FakeKafka {
  readonly basePort: number;
  readonly clusterId = 'fake-cluster-id-000000';
  readonly defaults: Record<string, string>;
  #up: Set<number>;
  #voters: Map<number, string>;
  #leader = 0;
  #topics = new Map<string, FakeTopic>();
  #clusterConfig = new Map<string, string>();
  #made = 0;

  /** `nodes` of them, all up, all voters, each with directory `dir-<id>`. */
  constructor(nodes: number, options: { readonly basePort?: number; readonly minIsr?: number } = {}) {
    this.basePort = options.basePort ?? 9000;
    this.defaults = { 'min.insync.replicas': String(options.minIsr ?? 1) };
    const ids = Array.from({ length: nodes }, (_, id) => id);
    this.#up = new Set(ids);
    this.#voters = new Map(ids.map((id) => [id, `dir-${id}`]));
  }

  /** Node `id` ends: it leaves every ISR that has another member and every leadership. */
  stop(id: number): void {
    this.#up.delete(id);
    this.eachPartition((partition) => {
      if (partition.isr.length > 1) partition.isr = partition.isr.filter((other) => other !== id);
      if (partition.leader === id) partition.leader = partition.isr.find((other) => this.#up.has(other)) ?? -1;
    });
    if (this.#leader === id) this.#leader = [...this.#voters.keys()].find((other) => this.#up.has(other)) ?? -1;
  }

  /** Node `id` is up again, not in any ISR yet. `directoryId`: it has a new volume. */
  start(id: number, directoryId?: string): void {
    this.#up.add(id);
    if (directoryId !== undefined && !this.#voters.has(id)) this.#voters.set(id, directoryId);
    if (this.#leader < 0) this.#leader = id;
    this.eachPartition((partition) => {
      if (partition.leader < 0 && partition.isr.includes(id)) partition.leader = id;
    });
  }

  /** Node `id` is in sync with every partition that it is a replica of. */
  catchUp(id: number): void {
    this.eachPartition((partition) => {
      if (partition.replicas.includes(id) && !partition.isr.includes(id)) partition.isr.push(id);
    });
  }

  /** The directory id of a voter; undefined when it is none. */
  voter(id: number): string | undefined {
    return this.#voters.get(id);
  }

  /** Makes a topic with chosen replicas, all in sync, led by the first. */
  topic(name: string, replicas: readonly (readonly number[])[], config: Readonly<Record<string, string>> = {}): void {
    const partitions = replicas.map((list) => ({ leader: list[0]!, replicas: [...list], isr: [...list] }));
    this.#topics.set(name, { id: `topic-${++this.#made}`, config, partitions });
  }

  /** An admin connected to the first node that is up. */
  readonly open: OpenKafkaAdmin = async ({ addresses, signal }) => {
    signal.throwIfAborted();
    const address = addresses.find(({ port }) => this.#up.has(port - this.basePort));
    if (!address)
      throw new DroverError('unavailable', `No Kafka broker answers at ${addresses.map((a) => `${a.host}:${a.port}`).join(', ')}`);
    return await Promise.resolve(this.#admin(address.port - this.basePort, signal));
  };

  eachPartition(change: (partition: FakeTopic['partitions'][number]) => void): void {
    for (const topic of this.#topics.values()) topic.partitions.forEach(change);
  }

  #admin(node: number, signal: AbortSignal): KafkaAdmin {
    const ask = <T>(answer: () => T): Promise<T> =>
      new Promise((resolve) => {
        signal.throwIfAborted();
        if (!this.#up.has(node)) throw new DroverError('unavailable', `Kafka at 127.0.0.1:${this.basePort + node}: the connection is lost`);
        resolve(answer());
      });
    return {
      describeCluster: () =>
        ask(() => ({
          clusterId: this.clusterId,
          brokers: [...this.#up].sort((a, b) => a - b).map((id) => ({ id, host: '127.0.0.1', port: this.basePort + id })),
        })),
      describeQuorum: () => ask(() => this.#quorum()),
      listTopics: () => ask(() => this.#list()),
      topicConfig: (topics, key) =>
        ask(
          () =>
            new Map(
              topics.flatMap((name) => {
                const topic = this.#topics.get(name);
                const value = topic?.config[key] ?? this.#clusterConfig.get(key) ?? this.defaults[key];
                return topic && value !== undefined ? [[name, value] as const] : [];
              }),
            ),
        ),
      features: () => ask(() => new Map([['metadata.version', 29]])),
      createTopic: (topic) => ask(() => this.#create(topic)),
      deleteTopic: (name) =>
        ask(() => {
          if (!this.#topics.delete(name)) throw new DroverError('not-found', `Kafka could not delete topic ${name}: it does not exist`);
        }),
      alterClusterConfig: (entries) =>
        ask(() => {
          for (const [key, value] of Object.entries(entries)) {
            if (value === null) this.#clusterConfig.delete(key);
            else this.#clusterConfig.set(key, value);
          }
        }),
      clusterConfig: () => ask(() => new Map(this.#clusterConfig)),
      electPreferredLeaders: (partitions) =>
        ask(() => {
          for (const { topic, partition } of partitions) {
            const state = this.#topics.get(topic)?.partitions[partition];
            const preferred = state?.replicas[0];
            if (state && preferred !== undefined && state.isr.includes(preferred) && this.#up.has(preferred)) state.leader = preferred;
          }
        }),
      removeVoter: ({ id, directoryId }) =>
        ask(() => {
          this.#quorum();
          if (this.#voters.get(id) === directoryId) this.#voters.delete(id);
        }),
      close: () => Promise.resolve(),
    };
  }

  #quorum(): QuorumDescription {
    const voters = [...this.#voters];
    const up = voters.filter(([id]) => this.#up.has(id)).length;
    if (up * 2 <= voters.length)
      throw new DroverError('unavailable', `Kafka knows no quorum leader: ${up} of ${voters.length} voters are up`);
    return {
      leaderId: this.#leader,
      voters: voters.map(([id, directoryId]) => ({
        id,
        directoryId,
        logEndOffset: 100,
        lastCaughtUpAtMs: this.#up.has(id) ? 1_000_000 : 0,
      })),
      observers: [],
    };
  }

  #list(): TopicDescription[] {
    return [...this.#topics].map(([name, topic]) => ({
      name,
      id: topic.id,
      partitions: topic.partitions.map(({ leader, replicas, isr }, partition) => ({
        partition,
        leader,
        replicas: [...replicas],
        isr: [...isr],
      })),
    }));
  }

  #create({ name, partitions, replicas, config = {} }: NewTopic): void {
    if (this.#topics.has(name)) throw new DroverError('already-exists', `Kafka could not create topic ${name}: it exists`);
    const ids = [...this.#up].sort((a, b) => a - b);
    if (replicas > ids.length)
      throw new DroverError('invalid', `Kafka could not create topic ${name}: ${replicas} replicas, ${ids.length} brokers`);
    const placed = Array.from({ length: partitions }, (_, p) =>
      Array.from({ length: replicas }, (_unused, r) => ids[(p + r) % ids.length]!),
    );
    this.topic(name, placed, config);
  }
}
