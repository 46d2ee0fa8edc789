import { Producer, stringSerializers } from '@platformatic/kafka';
import { sleep, systemClock } from '../../src/base/clock.ts';
import { readTopic } from '../../src/operators/kafka/topic-reader.ts';

/** What a producer and a consumer saw while something was done to the cluster. */
export interface TrafficReport {
  /** Records that Kafka acknowledged with acks=all. */
  readonly acknowledged: number;
  /** Of these, how many were read. */
  readonly read: number;
  /** The first acknowledged records that were not read. */
  readonly lost: readonly string[];
  /** Sends that failed for good; not acknowledged, so that they may or may not be there. */
  readonly failedSends: number;
  /** Longest time between two acknowledgements, or after the last, ms. */
  readonly longestGapMs: number;
}

/** A producer (acks=all, idempotent, one small batch after another) and a consumer that run until `stop`. */
export interface Traffic {
  /** Acknowledged so far. */
  acknowledged(): number;
  /** Ends the producer, lets the consumer read up to what was acknowledged (at most a minute), and reports. */
  stop(): Promise<TrafficReport>;
}

/** Starts traffic on a topic that exists. */
export function startTraffic(bootstrap: string, topic: string): Traffic {
  const acknowledged = new Set<string>();
  const read = new Set<string>();
  const producing = new AbortController();
  const consuming = new AbortController();
  let failedSends = 0;
  let longestGapMs = 0;

  async function produce(): Promise<void> {
    let producer = newProducer(bootstrap);
    let lastMs = performance.now();
    for (let n = 0; !producing.signal.aborted; n++) {
      const values = Array.from({ length: 10 }, (_, i) => `${n}/${i}`);
      try {
        await producer.send({ messages: values.map((value) => ({ topic, key: value, value })) });
        for (const value of values) acknowledged.add(value);
        const nowMs = performance.now();
        longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
        lastMs = nowMs;
      } catch {
        failedSends++;
        await producer.close(true).catch(() => undefined);
        producer = newProducer(bootstrap);
      }
      await sleep(systemClock, 10);
    }
    longestGapMs = Math.max(longestGapMs, performance.now() - lastMs);
    await producer.close(true).catch(() => undefined);
  }

  async function consume(): Promise<void> {
    for await (const record of readTopic({ bootstrap, topic, signal: consuming.signal })) {
      read.add(record.value);
    }
  }

  const producer = produce();
  const consumer = consume();
  return {
    acknowledged: () => acknowledged.size,
    async stop() {
      producing.abort();
      await producer;
      const missing = () => [...acknowledged].filter((value) => !read.has(value));
      const deadlineMs = performance.now() + 60_000;
      while (missing().length > 0 && performance.now() < deadlineMs) await sleep(systemClock, 100);
      consuming.abort();
      await consumer;
      const lost = missing();
      return {
        acknowledged: acknowledged.size,
        read: acknowledged.size - lost.length,
        lost: lost.slice(0, 20),
        failedSends,
        longestGapMs: Math.round(longestGapMs),
      };
    },
  };
}

function newProducer(bootstrap: string): Producer<string, string, string, string> {
  return new Producer({
    clientId: 'drover-traffic',
    bootstrapBrokers: bootstrap.split(','),
    serializers: stringSerializers,
    idempotent: true,
    acks: -1,
    retries: 20,
    retryDelay: 100,
    connectTimeout: 2000,
    requestTimeout: 10_000,
  });
}
