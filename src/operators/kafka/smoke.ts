import { randomUUID } from 'node:crypto';
import { sleep, systemClock } from '../../base/clock.ts';
import { DroverError, hasCode } from '../../base/errors.ts';
import { openKafkaAdmin } from './admin/open.ts';

/** What a proof found. All is well when the three numbers are equal. */
export interface KafkaProof {
  readonly wanted: number;
  /** Records that all in-sync replicas acknowledged. */
  readonly written: number;
  /** Of these, how many were read back. */
  readonly read: number;
}

const PARTITIONS = 3;
const BATCH = 100;
/** Limit for reading back what has been acknowledged, ms. */
const READ_MS = 60_000;

/**
 * Proves that a cluster keeps what it acknowledges: makes `topic` (3 partitions, 3 replicas, min.insync.replicas 2) when it is absent, writes `records` with
 * acks=all and idempotence, and reads them back. May be repeated: each run counts its own records only. `bootstrap`: `host:port,…`.
 * Throws `unavailable` when the cluster does not answer, the signal's reason when aborted.
 */
export async function proveKafka(options: {
  readonly bootstrap: string;
  readonly topic: string;
  readonly records: number;
  readonly onProgress?: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<KafkaProof> {
  const { bootstrap, topic, records, onProgress = () => undefined, signal } = options;
  await makeTopic(bootstrap, topic, onProgress, signal);
  // Loaded here: the client library would slow down every start of the program.
  const { endOffsets, readTopic } = await import('./topic-reader.ts');
  const { Producer, stringSerializers } = await import('@platformatic/kafka');
  const before = await endOffsets(bootstrap, topic, signal);
  const producer = new Producer({
    clientId: 'drover-proof',
    bootstrapBrokers: bootstrap.split(','),
    serializers: stringSerializers,
    idempotent: true,
    acks: -1,
    retries: 10,
    retryDelay: 300,
  });
  const run = randomUUID();
  const written = new Set<string>();
  try {
    for (let first = 0; first < records; first += BATCH) {
      signal.throwIfAborted();
      const values = Array.from({ length: Math.min(BATCH, records - first) }, (_, i) => `${run}/${first + i}`);
      await producer.send({ messages: values.map((value) => ({ topic, key: value, value })) });
      for (const value of values) written.add(value);
      onProgress(`wrote ${written.size} of ${records} records with acks=all`);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw new DroverError('unavailable', `Kafka at ${bootstrap} did not take record ${written.size + 1} of ${records}: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await producer.close(true).catch(() => undefined);
  }
  const read = new Set<string>();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  for await (const record of readTopic({ bootstrap, topic, from: before, signal: limit })) {
    if (!written.has(record.value)) continue;
    read.add(record.value);
    if (read.size % BATCH === 0) onProgress(`read ${read.size} of ${written.size} records`);
    if (read.size === written.size) break;
  }
  signal.throwIfAborted();
  return { wanted: records, written: written.size, read: read.size };
}

/** Makes the topic when it is absent, and waits until each partition has a leader and its full ISR. */
async function makeTopic(bootstrap: string, topic: string, onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
  const addresses = bootstrap.split(',').map((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
  });
  const admin = await openKafkaAdmin({ addresses, timeoutMs: 10_000, signal });
  try {
    const made = await admin.createTopic({ name: topic, partitions: PARTITIONS, replicas: 3, config: { 'min.insync.replicas': '2' } }).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, 'already-exists')) return false;
        throw error;
      },
    );
    onProgress(
      made ? `made topic ${topic}: ${PARTITIONS} partitions, 3 replicas, min.insync.replicas 2` : `topic ${topic} is there already`,
    );
    for (;;) {
      const found = (await admin.listTopics()).find((candidate) => candidate.name === topic);
      if (found?.partitions.every((partition) => partition.leader >= 0 && partition.isr.length >= 2)) return;
      await sleep(systemClock, 100, signal);
    }
  } finally {
    await admin.close();
  }
}
