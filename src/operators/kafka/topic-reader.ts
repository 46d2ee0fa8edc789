import { Consumer } from '@platformatic/kafka';
import { sleep, systemClock } from '../../base/clock.ts';

/** A record as it lies in its partition. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly value: string;
}

/** How long the brokers may take to learn of a new topic and its leaders, ms. */
const NEW_TOPIC_MS = 30_000;

/**
 * The offset after the last record of each partition, by partition. A topic that was made a moment ago is not known to every broker yet: that is
 * waited for. Throws as the client does when it lasts half a minute, or no broker answers.
 */
export async function endOffsets(bootstrap: string, topic: string, signal: AbortSignal): Promise<readonly bigint[]> {
  const deadlineMs = systemClock.monotonic() + NEW_TOPIC_MS;
  for (;;) {
    signal.throwIfAborted();
    const consumer = newConsumer(bootstrap);
    try {
      return (await consumer.listOffsets({ topics: [topic], timestamp: -1n })).get(topic) ?? [];
    } catch (error) {
      if (systemClock.monotonic() > deadlineMs) throw error;
    } finally {
      await consumer.close(true);
    }
    await sleep(systemClock, 200, signal);
  }
}

/**
 * All records of a topic from `from` (by partition; default its beginning) and on, without a consumer group, until the signal aborts. Only what all
 * in-sync replicas have is seen. A broker that does not answer is waited for: leaders are looked up again and reading goes on from the same offset.
 */
export async function* readTopic(options: {
  readonly bootstrap: string;
  readonly topic: string;
  readonly from?: readonly bigint[];
  readonly signal: AbortSignal;
}): AsyncGenerator<TopicRecord, void, void> {
  const { bootstrap, topic, from = [], signal } = options;
  const consumer = newConsumer(bootstrap);
  const next = new Map<number, bigint>(from.map((offset, partition) => [partition, offset]));
  try {
    while (!signal.aborted) {
      try {
        const metadata = await consumer.metadata({ topics: [topic], forceUpdate: true });
        const { id, partitions } = metadata.topics.get(topic)!;
        const leaders = Map.groupBy(partitions.keys(), (partition) => partitions[partition]!.leader);
        for (let healthy = true; healthy && !signal.aborted;) {
          for (const [node, mine] of leaders) {
            const wanted = mine.map((partition) => ({
              partition,
              currentLeaderEpoch: -1,
              fetchOffset: next.get(partition) ?? 0n,
              lastFetchedEpoch: -1,
              partitionMaxBytes: 1 << 20,
            }));
            const response = await consumer.fetch({
              node,
              maxWaitTime: 100,
              minBytes: 1,
              maxBytes: 1 << 24,
              topics: [{ topicId: id, partitions: wanted }],
            });
            for (const answer of response.responses.flatMap((entry) => entry.partitions)) {
              if (answer.errorCode !== 0) healthy = false;
              const start = next.get(answer.partitionIndex) ?? 0n;
              for (const batch of answer.records ?? []) {
                for (const record of batch.records) {
                  const offset = batch.firstOffset + BigInt(record.offsetDelta);
                  if (offset < start) continue;
                  next.set(answer.partitionIndex, offset + 1n);
                  yield { partition: answer.partitionIndex, offset, value: record.value?.toString() ?? '' };
                }
              }
            }
          }
        }
      } catch {
        // A broker is away: the next look at the metadata finds the new leader.
      }
      await sleep(systemClock, 100, signal).catch(() => undefined);
    }
  } finally {
    await consumer.close(true).catch(() => undefined);
  }
}

function newConsumer(bootstrap: string): Consumer {
  return new Consumer({
    clientId: 'drover',
    groupId: 'drover-reader',
    bootstrapBrokers: bootstrap.split(','),
    retries: 0,
    requestTimeout: 5000,
    connectTimeout: 2000,
  });
}
