import { describe, expect, it } from 'vitest';
import { testKafka } from '../../../test/kafka/test-kafka.ts';
import { viewOf, type Standing } from '../../../test/kafka/view-of.ts';
import { DroverError } from '../../base/errors.ts';
import type { StepAction } from '../../model/drover/plan-run.ts';
import { operatorConformance } from '../conformance.ts';
import type { ServiceView, StepQuery } from '../operator.ts';
import { FakeKafka } from './admin/fake.ts';
import { kafkaService } from './compile.ts';
import type { Kafka } from './kind.ts';
import { createKafkaOperator } from './operator.ts';

const alive = new AbortController().signal;
const kafka = testKafka();
const accepted = kafkaService(kafka);
const ready = (count = 3): Standing[] => Array.from({ length: count }, (_, index) => ({ port: 9000 + index, pod: 'ready' }));

/** Three brokers, one topic with three partitions and min ISR 2. */
function threeBrokers(): FakeKafka {
  const fake = new FakeKafka(3, { minIsr: 2 });
  fake.topic('orders', [
    [0, 1, 2],
    [1, 2, 0],
    [2, 0, 1],
  ]);
  return fake;
}

function query(view: ServiceView<Kafka>, index: number, action: StepAction, rest: Partial<StepQuery<Kafka>> = {}): StepQuery<Kafka> {
  return { view, instance: view.instances[index]!, action, record: undefined, force: undefined, ...rest };
}

operatorConformance('kafka', {
  operator: createKafkaOperator({ openAdmin: threeBrokers().open }),
  unreachable: createKafkaOperator({ openAdmin: () => Promise.reject(new DroverError('unavailable', 'No Kafka broker answers')) }),
  view: () => viewOf(kafka, ready(), accepted),
  refused: {
    DataOnBrokers: () => viewOf(testKafka({ replicas: 1 }), ready(), accepted),
    VersionDowngrade: () => viewOf(testKafka({ version: '4.2.0' }), ready(), accepted),
    UnknownVersion: () => viewOf(testKafka({ version: '4.9.9' }), ready(), accepted),
    StorageChange: () => viewOf(testKafka({ storage: { type: 'persistent-claim', size: '1Gi' } }), ready(), accepted),
    ListenerRename: () => viewOf(testKafka({ listeners: [{ name: 'client', port: 0 }] }), ready(), accepted),
  },
});

describe('compile', () => {
  const fresh: Standing[] = ready().map((standing) => ({ ...standing, initialized: false }));
  it.each<[string, Kafka['spec']['kafka'], string]>([
    ['fewer brokers', { replicas: 1 }, 'fewer'],
    ['an older version', { replicas: 3, version: '4.2.0' }, 'older'],
    ['other storage', { replicas: 3, storage: { type: 'persistent-claim', size: '1Gi' } }, 'storage'],
  ])('%s is allowed as long as no broker holds data', (_, spec) => {
    const view = viewOf({ ...kafka, spec: { kafka: spec } }, fresh, accepted);
    expect(createKafkaOperator().compile(view, undefined)).toMatchObject({ accepted: true });
  });

  it('a port that another service has is refused by its number and owner', () => {
    const view = viewOf(testKafka({ listeners: [{ name: 'plain', port: 17092 }] }), []);
    const compiled = createKafkaOperator().compile(view, { portOwners: { 17094: 'pod default/other-0' } });
    expect(compiled).toMatchObject({
      accepted: false,
      reasons: [{ code: 'PortTaken', message: 'Port 17094 is in use by pod default/other-0; the brokers want 17092 to 17094.' }],
    });
  });
});

describe('mayStop', () => {
  it('goes when all is well and writes down the ISRs that the broker leaves and its vote', async () => {
    const operator = createKafkaOperator({ openAdmin: threeBrokers().open });
    const verdict = await operator.mayStop(query(viewOf(kafka, ready(), accepted), 1, 'restart'), alive);
    expect(verdict).toEqual({ verdict: 'go', record: { broker: 1, left: { 'topic-1': [0, 1, 2] }, voterDirectoryId: 'dir-1' } });
  });

  it('holds while another broker’s pod is not ready, although Kafka still counts it', async () => {
    const standings = ready();
    standings[2] = { port: 9002, pod: 'starting' };
    const operator = createKafkaOperator({ openAdmin: threeBrokers().open });
    const verdict = await operator.mayStop(query(viewOf(kafka, standings, accepted), 1, 'restart'), alive);
    expect(verdict).toMatchObject({ verdict: 'hold', reason: { code: 'MinIsrAtRisk', params: { left: 1 } } });
  });

  it('does not allow two stops on one and the same state of the cluster', async () => {
    const operator = createKafkaOperator({ openAdmin: threeBrokers().open });
    const first = await operator.mayStop(query(viewOf(kafka, ready(), accepted), 0, 'restart'), alive);
    const second = await operator.mayStop(query(viewOf(kafka, ready(), accepted), 1, 'restart'), alive);
    expect([first.verdict, second.verdict]).toEqual(['go', 'hold']);
    const later = ready();
    later[0] = { port: 9000, pod: 'ready', incarnation: 2 };
    expect((await operator.mayStop(query(viewOf(kafka, later, accepted), 1, 'restart'), alive)).verdict).toBe('go');
  });

  it('lets a broker that is down be started at once, whether anybody answers or not', async () => {
    const fake = threeBrokers();
    const operator = createKafkaOperator({ openAdmin: fake.open });
    const standings: Standing[] = ready().map((standing) => ({ ...standing, pod: 'none' }));
    fake.stop(0);
    fake.stop(1);
    expect((await operator.mayStop(query(viewOf(kafka, standings, accepted), 0, 'restart'), alive)).verdict).toBe('go');
    fake.stop(2);
    expect((await operator.mayStop(query(viewOf(kafka, standings, accepted), 1, 'restart'), alive)).verdict).toBe('go');
  });

  it('does not replace while nobody answers: it might be the last copy', async () => {
    const fake = threeBrokers();
    for (const id of [0, 1, 2]) fake.stop(id);
    const standings: Standing[] = ready().map((standing) => ({ ...standing, pod: 'none' }));
    const verdict = await createKafkaOperator({ openAdmin: fake.open }).mayStop(
      query(viewOf(kafka, standings, accepted), 0, 'replace'),
      alive,
    );
    expect(verdict).toMatchObject({ verdict: 'hold', reason: { code: 'ClusterUnreachable' } });
  });
});

describe('replace', () => {
  it('removes the old voter once, and never the one that took its place', async () => {
    const fake = threeBrokers();
    const operator = createKafkaOperator({ openAdmin: fake.open });
    const view = viewOf(kafka, ready(), accepted);
    const verdict = await operator.mayStop(query(view, 1, 'replace'), alive);
    const record = verdict.verdict === 'go' ? verdict.record : undefined;
    fake.stop(1);
    const gone = viewOf(kafka, [ready()[0]!, { port: 9001, pod: 'none' }, ready()[2]!], accepted);
    expect(await operator.prepare(query(gone, 1, 'replace', { record }), alive)).toEqual({ verdict: 'go' });
    expect(fake.voter(1)).toBeUndefined();
    fake.start(1, 'dir-new');
    expect(await operator.prepare(query(gone, 1, 'replace', { record }), alive)).toEqual({ verdict: 'go' });
    expect(fake.voter(1)).toBe('dir-new');
    expect(await operator.settled(query(view, 1, 'replace', { record }), alive)).toMatchObject({
      verdict: 'hold',
      reason: { code: 'NotInSync' },
    });
    fake.catchUp(1);
    expect(await operator.settled(query(view, 1, 'replace', { record }), alive)).toEqual({ verdict: 'go' });
  });

  it('holds while the quorum cannot give up the voter, and goes on when it was forced', async () => {
    const fake = threeBrokers();
    fake.stop(0);
    fake.stop(1);
    const operator = createKafkaOperator({ openAdmin: fake.open });
    const view = viewOf(kafka, ready(), accepted);
    expect(await operator.prepare(query(view, 1, 'replace'), alive)).toMatchObject({
      verdict: 'hold',
      reason: { code: 'VoterNotRemoved' },
    });
    expect(await operator.prepare(query(view, 1, 'replace', { force: { reason: 'lost' } }), alive)).toEqual({ verdict: 'go' });
  });
});

describe('retire', () => {
  it('leaves no dead voter behind when the broker joined the quorum and never became ready; again it does nothing', async () => {
    const fake = new FakeKafka(4);
    const operator = createKafkaOperator({ openAdmin: fake.open });
    fake.stop(3);
    const view = viewOf(kafka, [...ready(), { port: 9003, pod: 'none', initialized: false }], accepted);
    expect(await operator.prepare(query(view, 3, 'retire'), alive)).toEqual({ verdict: 'go' });
    expect([0, 1, 2, 3].map((id) => fake.voter(id))).toEqual(['dir-0', 'dir-1', 'dir-2', undefined]);
    expect(await operator.prepare(query(view, 3, 'retire'), alive)).toEqual({ verdict: 'go' });
  });

  it('a restart and a deploy leave the voter where it is', async () => {
    const fake = threeBrokers();
    const operator = createKafkaOperator({ openAdmin: fake.open });
    for (const action of ['restart', 'deploy'] as const) await operator.prepare(query(viewOf(kafka, ready(), accepted), 1, action), alive);
    expect(fake.voter(1)).toBe('dir-1');
  });
});

describe('settled', () => {
  it('brings leadership back to the broker that should have it', async () => {
    const fake = threeBrokers();
    const operator = createKafkaOperator({ openAdmin: fake.open });
    const view = viewOf(kafka, ready(), accepted);
    const verdict = await operator.mayStop(query(view, 1, 'restart'), alive);
    const record = verdict.verdict === 'go' ? verdict.record : undefined;
    fake.stop(1);
    fake.start(1);
    expect(await operator.settled(query(view, 1, 'restart', { record }), alive)).toMatchObject({
      verdict: 'hold',
      reason: { code: 'NotInSync', params: { awaited: 3, missing: 3 } },
    });
    fake.catchUp(1);
    expect(await operator.settled(query(view, 1, 'restart', { record }), alive)).toEqual({ verdict: 'go' });
    const admin = await fake.open({ addresses: [{ host: '127.0.0.1', port: 9000 }], timeoutMs: 1, signal: alive });
    expect((await admin.listTopics())[0]!.partitions.map((partition) => partition.leader)).toEqual([0, 1, 2]);
  });
});

describe('status', () => {
  it('keeps no number of a cluster that does not answer', async () => {
    const fake = threeBrokers();
    for (const id of [0, 1, 2]) fake.stop(id);
    const { status, refreshAfterMs } = await createKafkaOperator({ openAdmin: fake.open }).status(viewOf(kafka, ready(), accepted), alive);
    expect(status).toMatchObject({ quorumLeader: undefined, voters: undefined, underReplicatedPartitions: undefined });
    expect(status['brokers']).toMatchObject([{ state: 'Unknown' }, { state: 'Unknown' }, { state: 'Unknown' }]);
    expect(refreshAfterMs).toBeLessThan(10_000);
  });

  it('is looked at seldom when all is well and often when it is not', async () => {
    const fake = threeBrokers();
    const operator = createKafkaOperator({ openAdmin: fake.open });
    const well = await operator.status(viewOf(kafka, ready(), accepted), alive);
    fake.stop(2);
    const unwell = await operator.status(viewOf(kafka, ready(), accepted), alive);
    expect(well).toMatchObject({ status: { underReplicatedPartitions: 0, voters: [0, 1, 2] } });
    expect(unwell).toMatchObject({ status: { underReplicatedPartitions: 3, brokers: [{}, {}, { state: 'Fenced' }] } });
    expect(unwell.refreshAfterMs).toBeLessThan(well.refreshAfterMs);
  });
});
