import { describe, expect, it } from 'vitest';
import { brokerSettled } from './settled-gate.ts';
import type { ClusterSnapshot } from './snapshot.ts';
import { recordStop } from './stop-record.ts';

type Partition = { replicas: number[]; isr: number[]; leader?: number };

function cluster(
  topics: Record<string, Partition[]>,
  options: { live?: number[]; voters?: number[]; directory?: string } = {},
): ClusterSnapshot {
  const { live = [0, 1, 2], voters = [0, 1, 2], directory = 'dir-1' } = options;
  return {
    clusterId: 'c',
    live: new Set(live),
    quorum: {
      leaderId: 0,
      voters: voters.map((id) => ({ id, directoryId: id === 1 ? directory : `dir-${id}`, logEndOffset: 1, lastCaughtUpAtMs: 1 })),
      observers: [],
    },
    topics: Object.entries(topics).map(([name, partitions]) => ({
      name: name.split('#')[0]!,
      id: name,
      minIsr: 2,
      partitions: partitions.map(({ replicas, isr, leader = isr[0] ?? -1 }, partition) => ({ partition, replicas, isr, leader })),
    })),
  };
}

const all = [0, 1, 2];
const well = cluster({
  'a#1': [
    { replicas: all, isr: all },
    { replicas: [1, 2, 0], isr: all, leader: 1 },
  ],
});
const record = recordStop(well, 1);

describe('a broker is back', () => {
  it.each<[string, ClusterSnapshot, object]>([
    ['when it is in every ISR that it left', well, { judgement: 'back', elect: [] }],
    ['not while Kafka does not count it', cluster({}, { live: [0, 2] }), { judgement: 'hold', reason: { code: 'NotRegistered' } }],
    ['not while it does not vote', cluster({}, { voters: [0, 2] }), { judgement: 'hold', reason: { code: 'NotVoter' } }],
    [
      'not while an ISR lacks it',
      cluster({
        'a#1': [
          { replicas: all, isr: all },
          { replicas: [1, 2, 0], isr: [2, 0] },
        ],
      }),
      {
        judgement: 'hold',
        reason: { code: 'NotInSync', message: 'Broker 1 is back in 1 of 2 ISRs; partition a-1 has ISR 2 of 3.' },
      },
    ],
    ['when the topic that it left was deleted', cluster({}), { judgement: 'back' }],
    ['when the topic was made anew under its name', cluster({ 'a#2': [{ replicas: all, isr: [0, 2] }] }), { judgement: 'back' }],
    ['when its replica was moved away', cluster({ 'a#1': [{ replicas: [0, 2], isr: [0, 2] }] }), { judgement: 'back' }],
    [
      'and is to lead where it is preferred and in sync',
      cluster({
        'a#1': [
          { replicas: all, isr: all },
          { replicas: [1, 2, 0], isr: all, leader: 2 },
        ],
      }),
      { judgement: 'back', elect: [{ topic: 'a', partition: 1 }] },
    ],
  ])('%s', (_, snapshot, expected) => {
    expect(brokerSettled(snapshot, 1, record, { replaced: false })).toMatchObject(expected);
  });

  it('without a record it must be in the ISR of all its replicas, save those that nobody leads', () => {
    const led = cluster({ 'a#1': [{ replicas: all, isr: [0, 2] }] });
    expect(brokerSettled(led, 1, undefined, { replaced: false })).toMatchObject({ judgement: 'hold' });
    const unled = cluster({ 'a#1': [{ replicas: all, isr: [2], leader: -1 }] });
    expect(brokerSettled(unled, 1, undefined, { replaced: false })).toMatchObject({ judgement: 'back' });
  });

  it('that was not in an ISR before the stop is not waited for there', () => {
    const lagging = cluster({ 'a#1': [{ replicas: all, isr: [0, 2] }] });
    expect(recordStop(lagging, 1).left).toEqual({});
    expect(brokerSettled(lagging, 1, recordStop(lagging, 1), { replaced: false })).toMatchObject({ judgement: 'back' });
  });

  it('after a replace it votes with its new disk and holds every replica, also those that it had not in sync before', () => {
    expect(brokerSettled(well, 1, record, { replaced: true })).toMatchObject({ judgement: 'hold', reason: { code: 'OldVoter' } });
    const joined = { directory: 'dir-new' };
    const behind = cluster({ 'a#1': [{ replicas: all, isr: [0, 2] }] }, joined);
    expect(brokerSettled(behind, 1, { broker: 1, left: {}, voterDirectoryId: 'dir-1' }, { replaced: true })).toMatchObject({
      judgement: 'hold',
    });
    expect(brokerSettled(cluster({ 'a#1': [{ replicas: all, isr: all }] }, joined), 1, record, { replaced: true })).toMatchObject({
      judgement: 'back',
    });
  });
});
