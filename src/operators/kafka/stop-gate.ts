import { reason, type Reason } from '../../model/reason.ts';
import type { ClusterSnapshot, TopicView } from './snapshot.ts';
import { quorumProblem } from './quorum-gate.ts';

/** Partitions named in one sentence; the rest is counted. */
const NAMED = 3;

/** May a broker be stopped: yes with what hurts nevertheless, not now, or (replace) never without force. */
export type StopJudgement =
  | { readonly judgement: 'go'; readonly warnings: readonly Reason[] }
  | { readonly judgement: 'hold'; readonly reason: Reason }
  | { readonly judgement: 'refuse'; readonly reason: Reason };

export interface StopQuestion {
  readonly broker: number;
  /** Brokers that are not up, or about to be stopped, whatever Kafka says of them yet. */
  readonly down: ReadonlySet<number>;
  readonly fetchTimeoutMs: number;
  /** False: the broker is down already, so that a stop takes nothing from anyone. */
  readonly serves: boolean;
  /** The broker's data will be deleted. */
  readonly losesData: boolean;
}

/**
 * The rule, for each partition that has a replica on the broker: without it and without those that are down, the ISR must not fall under
 * min.insync.replicas. A partition whose replicas are no more than that can never have both: it is named in a warning, not waited for. Then the quorum
 * must keep its majority. A broker that is down may be started anew at once. When the broker's data will be lost, another in-sync replica of each partition must exist, whatever its min ISR.
 */
export function mayStopBroker(snapshot: ClusterSnapshot, question: StopQuestion): StopJudgement {
  const { broker, down, serves, losesData, fetchTimeoutMs } = question;
  const remains = (isr: readonly number[]) => isr.filter((id) => id !== broker && snapshot.live.has(id) && !down.has(id));
  const partitions = partitionsOf(snapshot.topics, broker).map((partition) => ({ ...partition, left: remains(partition.isr).length }));

  if (losesData) {
    const last = partitions.filter((partition) => partition.left === 0);
    if (last.length > 0) {
      const message = `Broker ${broker} holds the last in-sync replica of ${names(last)}: replacing it would lose their records.`;
      return {
        judgement: 'refuse',
        reason: reason('LastInSyncReplica', message, { broker, partitions: last.length, named: nameList(last) }),
      };
    }
    if (snapshot.quorum.voters.length === 1 && snapshot.quorum.voters[0]?.id === broker) {
      const message = `Broker ${broker} is the only controller: replacing it would lose the cluster’s metadata.`;
      return { judgement: 'refuse', reason: reason('LastController', message, { broker }) };
    }
  }

  if (!serves && !losesData) return { judgement: 'go', warnings: [] };
  const never = partitions.filter((partition) => partition.replicas.length <= partition.minIsr);
  const blocked = partitions.filter((partition) => partition.replicas.length > partition.minIsr && partition.left < partition.minIsr);
  const [worst] = blocked;
  if (serves && worst) {
    const more = blocked.length > 1 ? `, and ${blocked.length - 1} more` : '';
    const message = `Partition ${worst.name} has ISR ${worst.isr.length} of ${worst.replicas.length}, min ${worst.minIsr}: without broker ${broker} ${worst.left} would be left${more}.`;
    const params = {
      broker,
      partitions: blocked.length,
      partition: worst.name,
      isr: worst.isr.length,
      replicas: worst.replicas.length,
      minIsr: worst.minIsr,
    };
    return { judgement: 'hold', reason: reason('MinIsrAtRisk', message, { ...params, left: worst.left }) };
  }
  const quorum = quorumProblem(snapshot.quorum, broker, down, fetchTimeoutMs);
  if (quorum) return { judgement: 'hold', reason: quorum };
  return { judgement: 'go', warnings: serves ? stopWarnings(snapshot, broker, never) : [] };
}

function stopWarnings(snapshot: ClusterSnapshot, broker: number, never: readonly PartitionView[]): Reason[] {
  const warnings: Reason[] = [];
  if (never.length > 0) {
    const message = `While broker ${broker} is down ${names(never)} cannot be written with acks=all: no more replicas than min.insync.replicas.`;
    warnings.push(reason('NeverAvailable', message, { broker, partitions: never.length, named: nameList(never) }));
  }
  if (snapshot.quorum.voters.length === 1 && snapshot.quorum.voters[0]?.id === broker) {
    warnings.push(reason('OnlyController', `Broker ${broker} is the only controller: the cluster is away while it restarts.`, { broker }));
  }
  return warnings;
}

interface PartitionView {
  /** `orders-3`. */
  readonly name: string;
  readonly minIsr: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

function partitionsOf(topics: readonly TopicView[], broker: number): PartitionView[] {
  return topics.flatMap((topic) =>
    topic.partitions
      .filter((partition) => partition.replicas.includes(broker))
      .map(({ partition, replicas, isr }) => ({ name: `${topic.name}-${partition}`, minIsr: topic.minIsr, replicas, isr })),
  );
}

function nameList(partitions: readonly PartitionView[]): string[] {
  return partitions.slice(0, NAMED).map((partition) => partition.name);
}

function names(partitions: readonly PartitionView[]): string {
  const rest = partitions.length - NAMED;
  return rest > 0 ? `${nameList(partitions).join(', ')} and ${rest} more partitions` : nameList(partitions).join(', ');
}
