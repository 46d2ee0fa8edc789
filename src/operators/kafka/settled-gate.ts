import { reason, type Reason } from '../../model/reason.ts';
import type { PartitionName } from './admin/kafka-admin.ts';
import type { ClusterSnapshot } from './snapshot.ts';
import type { StopRecord } from './stop-record.ts';

/** Is a broker fully back? `elect`: the partitions that it should lead and does not. */
export type SettledJudgement =
  | { readonly judgement: 'back'; readonly elect: readonly PartitionName[] }
  | { readonly judgement: 'hold'; readonly reason: Reason };

/**
 * A broker is back when it takes part, is a voter again (after a replace with its new disk), and is in every ISR that it left. What is no more (a deleted
 * topic, a replica moved away) is forgotten. Without a record of ISRs, and after a replace, it must be in the ISR of every partition that it is
 * a replica of, except where there is no leader to follow: that is another broker's absence.
 */
export function brokerSettled(
  snapshot: ClusterSnapshot,
  broker: number,
  record: StopRecord | undefined,
  options: { readonly replaced: boolean },
): SettledJudgement {
  if (!snapshot.live.has(broker)) {
    const live = [...snapshot.live].sort((a, b) => a - b);
    return hold('NotRegistered', `Broker ${broker} runs but does not take part yet; brokers that do: ${live.join(', ') || 'none'}.`, {
      broker,
      live,
    });
  }
  const voters = snapshot.quorum.voters.map((voter) => voter.id);
  const voter = snapshot.quorum.voters.find((candidate) => candidate.id === broker);
  if (!voter)
    return hold('NotVoter', `Controller ${broker} has not joined the quorum yet; voters: ${voters.join(', ')}.`, { broker, voters });
  if (options.replaced && voter.directoryId === record?.voterDirectoryId) {
    return hold('OldVoter', `The quorum still counts the old disk of controller ${broker} as a voter.`, {
      broker,
      directoryId: voter.directoryId,
    });
  }
  const left = options.replaced ? undefined : record?.left;
  const awaited = snapshot.topics.flatMap((topic) =>
    topic.partitions
      .filter((partition) => partition.replicas.includes(broker))
      .filter((partition) => (left ? (left[topic.id]?.includes(partition.partition) ?? false) : partition.leader >= 0))
      .map((partition) => ({ ...partition, topic: topic.name })),
  );
  const missing = awaited.filter((partition) => !partition.isr.includes(broker));
  const [first] = missing;
  if (first) {
    const name = `${first.topic}-${first.partition}`;
    const message = `Broker ${broker} is back in ${awaited.length - missing.length} of ${awaited.length} ISRs; partition ${name} has ISR ${first.isr.length} of ${first.replicas.length}.`;
    const params = {
      broker,
      awaited: awaited.length,
      missing: missing.length,
      partition: name,
      isr: first.isr.length,
      replicas: first.replicas.length,
    };
    return hold('NotInSync', message, params);
  }
  const elect = snapshot.topics.flatMap((topic) =>
    topic.partitions
      .filter((partition) => partition.replicas[0] === broker && partition.leader !== broker && partition.isr.includes(broker))
      .map((partition) => ({ topic: topic.name, partition: partition.partition })),
  );
  return { judgement: 'back', elect };
}

function hold(code: string, message: string, params: Record<string, unknown>): SettledJudgement {
  return { judgement: 'hold', reason: reason(code, message, params) };
}
