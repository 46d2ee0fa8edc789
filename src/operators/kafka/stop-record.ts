import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { ClusterSnapshot } from './snapshot.ts';

/**
 * What is written down before a broker is stopped. `left`: the ISRs it leaves, by topic id, so that a topic made anew under the name is another;
 * absent when the broker was down already: then it must come back into every ISR. `voter`: its place in the quorum, which a replace gives up.
 */
export const StopRecord = Type.Object({
  broker: Type.Integer(),
  left: Type.Optional(Type.Record(Type.String(), Type.Array(Type.Integer()))),
  voterDirectoryId: Type.Optional(Type.String()),
});
export type StopRecord = Static<typeof StopRecord>;

/** The record of stopping `broker` now. */
export function recordStop(snapshot: ClusterSnapshot, broker: number): StopRecord {
  const left: Record<string, number[]> = {};
  for (const topic of snapshot.topics) {
    const mine = topic.partitions.filter((partition) => partition.isr.includes(broker)).map((partition) => partition.partition);
    if (mine.length > 0) left[topic.id] = mine;
  }
  const directoryId = snapshot.quorum.voters.find((voter) => voter.id === broker)?.directoryId;
  return {
    broker,
    ...(snapshot.live.has(broker) && { left }),
    ...(directoryId !== undefined && { voterDirectoryId: directoryId }),
  };
}

/** A record as the plan kept it; undefined when there is none (a first start, or a broker that could not be asked). */
export function parseStopRecord(value: unknown): StopRecord | undefined {
  return Value.Check(StopRecord, value) ? value : undefined;
}
