import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalCluster, type LocalCluster } from '../../../test/kafka/local-cluster.ts';
import { kafkaLibs, kafkaTurn, testKafka } from '../../../test/kafka/test-kafka.ts';
import { startTraffic, type Traffic } from '../../../test/kafka/traffic.ts';
import { viewOf, type Standing } from '../../../test/kafka/view-of.ts';
import type { StepAction } from '../../model/drover/plan-run.ts';
import type { StopVerdict } from '../operator.ts';
import { openKafkaAdmin } from './admin/open.ts';
import { kafkaService } from './compile.ts';
import { createKafkaOperator } from './operator.ts';
import { proveKafka } from './smoke.ts';
import { takeSnapshot, type ClusterSnapshot } from './snapshot.ts';

const TOPIC = 'orders';
const kafka = testKafka({ config: { 'min.insync.replicas': 2 } });
const accepted = kafkaService(kafka);
const operator = createKafkaOperator();
const signal = new AbortController().signal;

let cluster: LocalCluster;
let giveTurn: () => Promise<void>;
let standing: Standing['pod'][];
let traffic: Traffic;

const view = () =>
  viewOf(
    kafka,
    cluster.ports.map((port, index) => ({ port, pod: standing[index]! })),
    accepted,
    Date.now(),
  );
const query = (index: number, action: StepAction, record?: unknown, force?: { reason: string }) => ({
  view: view(),
  instance: view().instances[index]!,
  action,
  record,
  force,
});

/** What a plan step does: asks, stops, prepares, starts, waits until the operator is satisfied. */
async function step(index: number, action: StepAction, signalName: NodeJS.Signals = 'SIGTERM'): Promise<unknown> {
  const record = await allowed(index, action);
  standing[index] = 'none';
  await cluster.stop(index, signalName);
  await until(() => operator.prepare(query(index, action, record), signal));
  if (action === 'replace') await cluster.replaceVolume(index);
  await start(index, action, record);
  return record;
}

async function allowed(index: number, action: StepAction): Promise<unknown> {
  const verdict = await until(() => operator.mayStop(query(index, action), signal));
  return verdict.record;
}

async function start(index: number, action: StepAction, record: unknown): Promise<void> {
  await cluster.start(index);
  standing[index] = 'ready';
  await until(() => operator.settled(query(index, action, record), signal));
}

/** Asks again while the answer is hold, as a controller does; fails on a refusal. */
async function until<V extends { verdict: string }>(ask: () => Promise<V>): Promise<V & { verdict: 'go'; record: unknown }> {
  for (;;) {
    const verdict = await ask();
    if (verdict.verdict === 'go') return verdict as V & { verdict: 'go'; record: unknown };
    if (verdict.verdict === 'refuse') throw new Error(`refused: ${JSON.stringify(verdict)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function snapshot(): Promise<ClusterSnapshot> {
  const addresses = cluster.ports.map((port) => ({ host: '127.0.0.1', port }));
  const admin = await openKafkaAdmin({ addresses, timeoutMs: 5000, signal });
  try {
    return await takeSnapshot(admin);
  } finally {
    await admin.close();
  }
}

const fullIsrs = (seen: ClusterSnapshot) =>
  seen.topics.flatMap((topic) => topic.partitions).every((partition) => partition.isr.length === 3);

beforeAll(async () => {
  const libs = await kafkaLibs(kafka);
  giveTurn = await kafkaTurn();
  cluster = await createLocalCluster(accepted, libs);
  standing = ['none', 'none', 'none'];
}, 600_000);

afterAll(async () => {
  await cluster?.close();
  await giveTurn?.();
}, 120_000);

describe('the operator on a real cluster, step after step', { timeout: 300_000 }, () => {
  it('a serial deploy forms a quorum of three voters, which the status shows', async () => {
    for (const index of [0, 1, 2]) await start(index, 'deploy', undefined);
    const { status, refreshAfterMs } = await operator.status(view(), signal);
    expect(status).toMatchObject({
      voters: [0, 1, 2],
      bootstrapServers: cluster.bootstrap,
      kafkaVersion: '4.3.1',
      underReplicatedPartitions: 0,
      underMinIsrPartitions: 0,
      brokers: [0, 1, 2].map((id) => ({ id, pod: `kafka-${id}`, state: 'Running' })),
    });
    expect(refreshAfterMs).toBeGreaterThanOrEqual(10_000);
    const admin = await openKafkaAdmin({ addresses: [{ host: '127.0.0.1', port: cluster.ports[0]! }], timeoutMs: 5000, signal });
    await admin.createTopic({ name: TOPIC, partitions: 6, replicas: 3 });
    await admin.close();
    traffic = startTraffic(cluster.bootstrap, TOPIC);
  });

  it('the proof of the demo writes and reads back what it was asked to, and again', async () => {
    for (const _ of [1, 2]) {
      expect(await proveKafka({ bootstrap: cluster.bootstrap, topic: 'proof', records: 250, signal })).toEqual({
        wanted: 250,
        written: 250,
        read: 250,
      });
    }
  });

  it('a roll under traffic keeps every ISR, and each broker leads again what it is preferred for', async () => {
    const before = traffic.acknowledged();
    for (const index of [0, 1, 2]) {
      const record = await step(index, 'restart');
      expect(Object.values((record as { left: Record<string, number[]> }).left).flat().length).toBeGreaterThanOrEqual(6);
    }
    expect(traffic.acknowledged()).toBeGreaterThan(before);
    await until(async () => ({
      verdict: (await snapshot()).topics.flatMap((t) => t.partitions).every((p) => p.leader === p.replicas[0]) ? 'go' : 'hold',
    }));
    expect(fullIsrs({ ...(await snapshot()), topics: (await snapshot()).topics.filter((topic) => topic.name === TOPIC) })).toBe(true);
  });

  it('with one broker away no second one may stop, and the reason has the numbers', async () => {
    await allowed(2, 'restart');
    standing[2] = 'none';
    await cluster.stop(2);
    const verdict = await operator.mayStop(query(1, 'restart'), signal);
    expect(verdict).toMatchObject({
      verdict: 'hold',
      reason: { code: 'MinIsrAtRisk', params: { isr: 2, replicas: 3, minIsr: 2, left: 1 } },
    });
    const { status } = await operator.status(view(), signal);
    expect(status).toMatchObject({ brokers: [{ state: 'Running' }, { state: 'Running' }, { state: 'Down' }] });
    expect(status['underReplicatedPartitions']).toBeGreaterThan(0);
    await start(2, 'restart', undefined);
  });

  it('a broker that was killed may be started at once and comes back into all ISRs', async () => {
    standing[1] = 'none';
    await cluster.stop(1, 'SIGKILL');
    const verdict: StopVerdict = await operator.mayStop(query(1, 'restart'), signal);
    expect(verdict.verdict).toBe('go');
    await start(1, 'restart', verdict.verdict === 'go' ? verdict.record : undefined);
  });

  it('replace gives up the old voter, and the new disk votes and holds every replica again: of the founder, and of the quorum’s leader', async () => {
    for (const pick of [() => 0, (seen: ClusterSnapshot) => seen.quorum.leaderId]) {
      const before = await snapshot();
      const broker = pick(before);
      const directoryOf = (seen: ClusterSnapshot) => seen.quorum.voters.find((voter) => voter.id === broker)?.directoryId;
      await step(broker, 'replace');
      const after = await snapshot();
      expect(after.quorum.voters.map((voter) => voter.id).sort((a, b) => a - b)).toEqual([0, 1, 2]);
      expect(directoryOf(after)).not.toBe(directoryOf(before));
      expect(fullIsrs({ ...after, topics: after.topics.filter((topic) => topic.name === TOPIC) })).toBe(true);
    }
  });

  it('replace of the broker with the only copy of a partition is refused, and allowed by force', async () => {
    const admin = await openKafkaAdmin({ addresses: [{ host: '127.0.0.1', port: cluster.ports[0]! }], timeoutMs: 5000, signal });
    await admin.createTopic({ name: 'single', partitions: 1, replicas: 1 });
    await admin.close();
    const holder = (
      await until(async () => {
        const found = (await snapshot()).topics.find((topic) => topic.name === 'single')?.partitions[0]?.replicas[0];
        return found === undefined ? { verdict: 'hold' } : { verdict: 'go', record: found };
      })
    ).record as number;
    const refused = await operator.mayStop(query(holder, 'replace'), signal);
    expect(refused).toMatchObject({ verdict: 'refuse', reason: { code: 'LastInSyncReplica', params: { named: ['single-0'] } } });
    const forced = await operator.mayStop(query(holder, 'replace', undefined, { reason: 'only test data' }), signal);
    expect(forced).toMatchObject({ verdict: 'go', warnings: [{ code: 'LastInSyncReplica' }] });
  });

  it('all three killed at once start side by side: no gate holds them', async () => {
    await Promise.all([0, 1, 2].map((index) => cluster.stop(index, 'SIGKILL')));
    standing = ['none', 'none', 'none'];
    const verdicts = await Promise.all([0, 1, 2].map((index) => operator.mayStop(query(index, 'restart'), signal)));
    expect(verdicts.map((verdict) => verdict.verdict)).toEqual(['go', 'go', 'go']);
    await Promise.all([0, 1, 2].map((index) => start(index, 'restart', undefined)));
  });

  it('a change of min.insync.replicas reaches the cluster although Kafka no longer reads it from the file', async () => {
    const changed = kafkaService(testKafka({ config: { 'min.insync.replicas': 1 } }));
    await until(() => operator.settled({ ...query(0, 'deploy'), view: { ...view(), accepted: changed } }, signal));
    await until(async () => ({ verdict: (await snapshot()).topics.find((topic) => topic.name === TOPIC)?.minIsr === 1 ? 'go' : 'hold' }));
  });

  it('after all of that every acknowledged record is read', async () => {
    const report = await traffic.stop();
    console.log(`traffic: ${JSON.stringify(report)}`);
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.lost).toEqual([]);
    expect(report.read).toBe(report.acknowledged);
  });

  it('a volume that has been in use and is empty now is never formatted again: the broker says so and ends', async () => {
    await cluster.stop(2);
    standing[2] = 'none';
    await rm(join(cluster.volume(2), 'kafka'), { recursive: true });
    await cluster.start(2, { wait: false });
    expect(await cluster.ended(2)).toBe(78);
    expect(await cluster.output(2)).toContain('it is not formatted again');
  });
});
