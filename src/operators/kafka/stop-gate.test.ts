import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterSnapshot, TopicView } from './snapshot.ts';
import { mayStopBroker, type StopQuestion } from './stop-gate.ts';

const NOW = 1_000_000;

function voter(id: number, behindMs = 0) {
  return { id, directoryId: `dir-${id}`, logEndOffset: 1, lastCaughtUpAtMs: NOW - behindMs };
}

function topic(name: string, minIsr: number, partitions: { replicas: number[]; isr: number[]; leader?: number }[]): TopicView {
  return {
    name,
    id: `id-${name}`,
    minIsr,
    partitions: partitions.map(({ replicas, isr, leader = isr[0] ?? -1 }, partition) => ({ partition, replicas, isr, leader })),
  };
}

function cluster(topics: readonly TopicView[], options: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    clusterId: 'c',
    live: new Set([0, 1, 2]),
    quorum: { leaderId: 0, voters: [voter(0), voter(1), voter(2)], observers: [] },
    topics,
    ...options,
  };
}

const stop = (broker: number, rest: Partial<StopQuestion> = {}): StopQuestion => ({
  broker,
  down: new Set(),
  fetchTimeoutMs: 2000,
  serves: true,
  losesData: false,
  ...rest,
});

describe('a broker may be stopped', () => {
  const all = [0, 1, 2];
  it.each<[string, ClusterSnapshot, StopQuestion, object]>([
    [
      'when each ISR keeps its minimum without it',
      cluster([topic('a', 2, [{ replicas: all, isr: all }])]),
      stop(1),
      { judgement: 'go', warnings: [] },
    ],
    [
      'not when a partition would fall under its min ISR',
      cluster([
        topic('orders', 2, [
          { replicas: all, isr: all },
          { replicas: all, isr: [0, 1] },
        ]),
      ]),
      stop(1),
      {
        judgement: 'hold',
        reason: { code: 'MinIsrAtRisk', message: 'Partition orders-1 has ISR 2 of 3, min 2: without broker 1 1 would be left.' },
      },
    ],
    [
      'not when a partition of it is under its min ISR already, although it is not in that ISR',
      cluster([topic('a', 2, [{ replicas: all, isr: [0] }])]),
      stop(1),
      { judgement: 'hold', reason: { params: { partition: 'a-0', left: 1, minIsr: 2 } } },
    ],
    [
      'when it is not in an ISR that has its minimum without it',
      cluster([topic('a', 2, [{ replicas: all, isr: [0, 2] }])]),
      stop(1),
      { judgement: 'go', warnings: [] },
    ],
    [
      'when what it has no replica of is in danger',
      cluster([topic('a', 2, [{ replicas: [0, 2, 3], isr: [0] }])]),
      stop(1),
      { judgement: 'go' },
    ],
    [
      'with a warning that names the partition that could never have both',
      cluster([topic('solo', 1, [{ replicas: [1], isr: [1] }]), topic('strict', 3, [{ replicas: all, isr: all }])]),
      stop(1),
      { judgement: 'go', warnings: [{ code: 'NeverAvailable', params: { partitions: 2, named: ['solo-0', 'strict-0'] } }] },
    ],
    [
      'not when an ISR counts on a broker that is down and not fenced yet',
      cluster([topic('a', 2, [{ replicas: all, isr: all }])]),
      stop(1, { down: new Set([2]) }),
      { judgement: 'hold', reason: { params: { left: 1 } } },
    ],
    [
      'not when an ISR counts on a broker that is fenced',
      cluster([topic('a', 2, [{ replicas: all, isr: all }])], { live: new Set([0, 1]) }),
      stop(1),
      { judgement: 'hold' },
    ],
    [
      'when it is down already, whatever that has done',
      cluster([topic('a', 2, [{ replicas: all, isr: [0] }])], { live: new Set([0]) }),
      stop(1, { serves: false, down: new Set([2]) }),
      { judgement: 'go', warnings: [] },
    ],
  ])('%s', (_, snapshot, question, expected) => {
    expect(mayStopBroker(snapshot, question)).toMatchObject(expected);
  });
});

describe('the quorum keeps its majority', () => {
  const quorum = (voters: ReturnType<typeof voter>[]) => cluster([], { quorum: { leaderId: voters[0]!.id, voters, observers: [] } });
  it.each<[string, ReturnType<typeof voter>[], number, ReadonlySet<number>, string]>([
    ['three voters, the others caught up', [voter(0), voter(1), voter(2)], 1, new Set(), 'go'],
    ['three voters, one of the others behind', [voter(0), voter(1), voter(2, 2001)], 1, new Set(), 'hold'],
    ['three voters, one of the others as far behind as allowed', [voter(0), voter(1), voter(2, 2000)], 1, new Set(), 'go'],
    ['three voters, one of the others down', [voter(0), voter(1), voter(2)], 1, new Set([2]), 'hold'],
    ['the leader itself', [voter(0), voter(1), voter(2)], 0, new Set(), 'go'],
    ['five voters, one of the others behind', [voter(0), voter(1), voter(2), voter(3), voter(4, 9000)], 1, new Set(), 'go'],
    ['five voters, two of the others behind', [voter(0), voter(1), voter(2), voter(3, 9000), voter(4, 9000)], 1, new Set(), 'hold'],
    ['two voters, the other caught up', [voter(0), voter(1)], 1, new Set(), 'go'],
    ['two voters, the other behind', [voter(1), voter(0, 9000)], 1, new Set(), 'hold'],
    ['a node that is no voter', [voter(0), voter(2, 9000)], 1, new Set(), 'go'],
  ])('%s', (_, voters, broker, down, expected) => {
    expect(mayStopBroker(quorum(voters), stop(broker, { down })).judgement).toBe(expected);
  });

  it('the only controller may be stopped, with a warning', () => {
    expect(mayStopBroker(quorum([voter(0)]), stop(0))).toMatchObject({ judgement: 'go', warnings: [{ code: 'OnlyController' }] });
  });
});

describe('data is not thrown away', () => {
  it('replacing the last in-sync replica is refused, also of a broker that is down, and names the partition', () => {
    const snapshot = cluster([topic('a', 2, [{ replicas: [0, 1, 2], isr: [1] }])]);
    for (const serves of [true, false]) {
      expect(mayStopBroker(snapshot, stop(1, { losesData: true, serves }))).toMatchObject({
        judgement: 'refuse',
        reason: { code: 'LastInSyncReplica', params: { partitions: 1, named: ['a-0'] } },
      });
    }
  });

  it('an empty ISR is nobody’s copy: replacing any replica of it is refused', () => {
    const snapshot = cluster([topic('a', 1, [{ replicas: [0, 1], isr: [], leader: -1 }])]);
    expect(mayStopBroker(snapshot, stop(1, { losesData: true })).judgement).toBe('refuse');
  });

  it('the only controller is not replaced', () => {
    const snapshot = cluster([], { live: new Set([0]), quorum: { leaderId: 0, voters: [voter(0)], observers: [] } });
    expect(mayStopBroker(snapshot, stop(0, { losesData: true }))).toMatchObject({
      judgement: 'refuse',
      reason: { code: 'LastController' },
    });
  });
});

const brokers = [0, 1, 2, 3, 4];
const anyTopic = fc
  .record({
    minIsr: fc.integer({ min: 1, max: 3 }),
    partitions: fc.array(
      fc
        .tuple(fc.shuffledSubarray(brokers, { minLength: 1, maxLength: 4 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
        .map(([replicas, inSync]) => ({
          replicas,
          isr: replicas.filter((_, i) => inSync[i]),
        })),
      { maxLength: 4 },
    ),
  })
  .map(({ minIsr, partitions }) => topic('t', minIsr, partitions));
const anyCluster = fc
  .record({
    topics: fc.array(anyTopic, { maxLength: 4 }),
    live: fc.subarray(brokers),
    behind: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  })
  .map(({ topics, live, behind }) =>
    cluster(topics, {
      live: new Set(live),
      quorum: { leaderId: 0, voters: brokers.map((id) => voter(id, id > 0 && behind[id] ? 5000 : 0)), observers: [] },
    }),
  );

describe('in any cluster', () => {
  it('a stop that is allowed leaves every partition that can have its min ISR with it, and a majority of caught-up voters', () => {
    fc.assert(
      fc.property(anyCluster, fc.constantFrom(...brokers), fc.subarray(brokers), (snapshot, broker, downList) => {
        const down = new Set(downList.filter((id) => id !== broker));
        if (mayStopBroker(snapshot, stop(broker, { down })).judgement !== 'go') return;
        for (const { minIsr, partitions } of snapshot.topics) {
          for (const { replicas, isr } of partitions) {
            if (!replicas.includes(broker) || replicas.length <= minIsr) continue;
            const left = isr.filter((id) => id !== broker && snapshot.live.has(id) && !down.has(id));
            expect(left.length).toBeGreaterThanOrEqual(minIsr);
          }
        }
        const caughtUp = snapshot.quorum.voters.filter((v) => v.id !== broker && !down.has(v.id) && v.lastCaughtUpAtMs > NOW - 5000);
        expect(caughtUp.length).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  it('a replace that is allowed leaves a live in-sync copy of every partition, and more brokers down never allow more', () => {
    fc.assert(
      fc.property(anyCluster, fc.constantFrom(...brokers), fc.subarray(brokers), fc.boolean(), (snapshot, broker, downList, serves) => {
        const down = new Set(downList.filter((id) => id !== broker));
        const judged = mayStopBroker(snapshot, stop(broker, { down, losesData: true, serves }));
        if (judged.judgement === 'go') {
          const mine = snapshot.topics.flatMap((t) => t.partitions).filter((p) => p.replicas.includes(broker));
          for (const { isr } of mine) expect(isr.some((id) => id !== broker && snapshot.live.has(id) && !down.has(id))).toBe(true);
          expect(mayStopBroker(snapshot, stop(broker, { losesData: true, serves })).judgement).toBe('go');
        }
      }),
    );
  });
});
