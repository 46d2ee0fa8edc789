import {
  apiVersionsV3,
  ConfigResourceTypes,
  Connection,
  createTopicsV7,
  deleteTopicsV6,
  describeClusterV1,
  describeConfigsV4,
  describeQuorumV2,
  IncrementalAlterConfigOperationTypes,
  incrementalAlterConfigsV1,
  metadataV12,
} from '@platformatic/kafka';
import { DroverError } from '../../../base/errors.ts';
import { adminError, KAFKA_ERROR, kafkaErrorOf } from './admin-error.ts';
import type { BrokerAddress, KafkaAdmin, OpenKafkaAdmin, PartitionName, QuorumReplica } from './kafka-admin.ts';
import { electLeaders, removeRaftVoter } from './missing-apis.ts';

const CLIENT_ID = 'drover';
const METADATA_TOPIC = '__cluster_metadata';
/** DescribeConfigs source DYNAMIC_DEFAULT_BROKER_CONFIG. */
const CLUSTER_WIDE = 3;

/** Connects to the first broker that answers; see OpenKafkaAdmin. */
export const connectAdmin: OpenKafkaAdmin = async ({ addresses, timeoutMs, signal }) => {
  let last: unknown = new Error('no address is known');
  for (const address of addresses) {
    signal.throwIfAborted();
    const connection = new Connection(CLIENT_ID, { connectTimeout: timeoutMs, requestTimeout: timeoutMs });
    // The library also emits what it rejects with.
    connection.on('error', () => undefined);
    const onAbort = () => connection.socket?.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await connection.connect(address.host, address.port);
      connection.once('close', () => signal.removeEventListener('abort', onAbort));
      return adminOver(connection, address, timeoutMs, signal);
    } catch (error) {
      signal.removeEventListener('abort', onAbort);
      last = error;
    }
  }
  signal.throwIfAborted();
  const where = addresses.map(({ host, port }) => `${host}:${port}`).join(', ');
  throw new DroverError('unavailable', `No Kafka broker answers at ${where}: ${last instanceof Error ? last.message : String(last)}`, {
    cause: last,
  });
};

function adminOver(connection: Connection, address: BrokerAddress, timeoutMs: number, signal: AbortSignal): KafkaAdmin {
  const where = `${address.host}:${address.port}`;

  async function ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    // A request on a closed connection would never be answered.
    if (!connection.isConnected()) throw new DroverError('unavailable', `Kafka at ${where} could not ${what}: the connection is lost`);
    const lost = Promise.withResolvers<never>();
    const onClose = () => lost.reject(new Error('the connection is lost'));
    connection.once('close', onClose);
    try {
      return await Promise.race([request(), lost.promise]);
    } catch (error) {
      signal.throwIfAborted();
      throw adminError(what, where, error);
    } finally {
      connection.off('close', onClose);
    }
  }

  const describeCluster: KafkaAdmin['describeCluster'] = () =>
    ask('describe the cluster', async () => {
      const { clusterId, brokers } = await describeClusterV1.api.async(connection, false, 1);
      return { clusterId, brokers: brokers.map(({ brokerId, host, port }) => ({ id: brokerId, host, port })) };
    });

  return {
    describeCluster,

    describeQuorum: () =>
      ask('describe the quorum', async () => {
        const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }];
        const response = await describeQuorumV2.api.async(connection, topics);
        const partition = response.topics[0]?.partitions[0];
        if (!partition || partition.leaderId < 0) throw new DroverError('unavailable', `Kafka at ${where} knows no quorum leader`);
        return {
          leaderId: partition.leaderId,
          voters: partition.currentVoters.map(quorumReplica),
          observers: partition.observers.map(quorumReplica),
        };
      }),

    listTopics: () =>
      ask('list its topics', async () => {
        const { topics } = await metadataV12.api.async(connection, null, false, false);
        return topics.flatMap((topic) =>
          topic.name === null || topic.name === undefined
            ? []
            : [
                {
                  name: topic.name,
                  id: topic.topicId,
                  partitions: topic.partitions.map((p) => ({
                    partition: p.partitionIndex,
                    leader: p.leaderId,
                    replicas: p.replicaNodes,
                    isr: p.isrNodes,
                  })),
                },
              ],
        );
      }),

    topicConfig: (topics, key) =>
      ask(`describe the config ${key} of topics`, async () => {
        if (topics.length === 0) return new Map();
        const resources = topics.map((name) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName: name, configurationKeys: [key] }));
        const results = await describeConfigs(connection, resources);
        return new Map(
          results.flatMap(({ resourceName, errorCode, configs }) => {
            const value = errorCode === 0 ? configs.find((config) => config.name === key)?.value : undefined;
            return value === undefined || value === null ? [] : [[resourceName, value] as const];
          }),
        );
      }),

    features: () =>
      ask('tell its features', async () => {
        const { finalizedFeatures = [] } = await apiVersionsV3.api.async(connection, CLIENT_ID, '1');
        return new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
      }),

    createTopic: ({ name, partitions, replicas, config = {} }) =>
      ask(`create topic ${name}`, async () => {
        const configs = Object.entries(config).map(([key, value]) => ({ name: key, value }));
        const topic = { name, numPartitions: partitions, replicationFactor: replicas, assignments: [], configs };
        await createTopicsV7.api.async(connection, [topic], timeoutMs, false);
      }),

    deleteTopic: (name) =>
      ask(`delete topic ${name}`, async () => {
        await deleteTopicsV6.api.async(connection, [{ name }], timeoutMs);
      }),

    alterClusterConfig: (entries) =>
      ask('alter its cluster-wide config', async () => {
        const configs = Object.entries(entries).map(([name, value]) =>
          value === null
            ? { name, configOperation: IncrementalAlterConfigOperationTypes.DELETE }
            : { name, configOperation: IncrementalAlterConfigOperationTypes.SET, value },
        );
        await incrementalAlterConfigsV1.api.async(
          connection,
          [{ resourceType: ConfigResourceTypes.BROKER, resourceName: '', configs }],
          false,
        );
      }),

    clusterConfig: () =>
      ask('describe its cluster-wide config', async () => {
        const [result] = await describeConfigs(connection, [
          { resourceType: ConfigResourceTypes.BROKER, resourceName: '', configurationKeys: null },
        ]);
        const own = (result?.configs ?? []).filter((config) => config.configSource === CLUSTER_WIDE);
        return new Map(own.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value] as const] : [])));
      }),

    electPreferredLeaders: (partitions) =>
      ask('elect preferred leaders', async () => {
        if (partitions.length === 0) return;
        const results = await electLeaders.async(connection, byTopic(partitions), timeoutMs);
        const harmless: readonly number[] = [
          0,
          KAFKA_ERROR.electionNotNeeded,
          KAFKA_ERROR.preferredLeaderNotAvailable,
          KAFKA_ERROR.unknownTopic,
        ];
        const failed = results.find((result) => !harmless.includes(result.errorCode));
        if (failed) {
          const text = failed.errorMessage ?? `error ${failed.errorCode}`;
          throw new DroverError('unavailable', `Kafka at ${where} did not elect a leader of ${failed.topic}-${failed.partition}: ${text}`);
        }
      }),

    async removeVoter({ id, directoryId }) {
      const { clusterId } = await describeCluster();
      await ask(`remove voter ${id}`, async () => {
        try {
          await removeRaftVoter.async(connection, clusterId, id, directoryId);
        } catch (error) {
          if (kafkaErrorOf(error)?.code !== KAFKA_ERROR.voterNotFound) throw error;
        }
      });
    },

    async close() {
      await connection.close().catch(() => undefined);
    },
  };
}

type ConfigResources = Parameters<typeof describeConfigsV4.api.async>[1];

/** Describes configs; a resource that is gone is in the result with its error code, it does not fail the others. */
async function describeConfigs(connection: Connection, resources: ConfigResources) {
  try {
    return (await describeConfigsV4.api.async(connection, resources, false, false)).results;
  } catch (error) {
    const response = error instanceof Error && 'response' in error ? (error.response as { results?: unknown } | undefined) : undefined;
    if (kafkaErrorOf(error)?.code !== KAFKA_ERROR.unknownTopic || !Array.isArray(response?.results)) throw error;
    return response.results as Awaited<ReturnType<typeof describeConfigsV4.api.async>>['results'];
  }
}

function quorumReplica(replica: {
  replicaId: number;
  replicaDirectoryId: string;
  logEndOffset: bigint;
  lastCaughtUpTimestamp: bigint;
}): QuorumReplica {
  return {
    id: replica.replicaId,
    directoryId: replica.replicaDirectoryId,
    logEndOffset: Number(replica.logEndOffset),
    lastCaughtUpAtMs: Number(replica.lastCaughtUpTimestamp),
  };
}

function byTopic(partitions: readonly PartitionName[]): (readonly [string, readonly number[]])[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic);
    if (list) list.push(partition);
    else topics.set(topic, [partition]);
  }
  return [...topics];
}
