import { reason, type Reason } from '../../model/reason.ts';
import type { QuorumDescription } from './admin/kafka-admin.ts';

/** Kafka's default of controller.quorum.fetch.timeout.ms. */
export const DEFAULT_FETCH_TIMEOUT_MS = 2000;

/**
 * Does the quorum keep its majority without `node`? Of the other voters a majority of all must be caught up: their last sign of that is at most the
 * fetch time-out behind the leader's. Nodes in `down` do not count. Undefined: it does, or `node` is no voter, or the only one.
 */
export function quorumProblem(
  quorum: QuorumDescription,
  node: number,
  down: ReadonlySet<number>,
  fetchTimeoutMs: number,
): Reason | undefined {
  const { voters } = quorum;
  if (voters.length === 1 || !voters.some((voter) => voter.id === node)) return undefined;
  const newestMs =
    voters.find((voter) => voter.id === quorum.leaderId)?.lastCaughtUpAtMs ?? Math.max(...voters.map((voter) => voter.lastCaughtUpAtMs));
  const others = voters.filter((voter) => voter.id !== node);
  const caughtUp = others.filter((voter) => !down.has(voter.id) && newestMs - voter.lastCaughtUpAtMs <= fetchTimeoutMs);
  // Of two voters no majority is left without one: then the other, caught up, is all that can be asked for.
  const needed = voters.length === 2 ? 1 : Math.floor(voters.length / 2) + 1;
  if (caughtUp.length >= needed) return undefined;
  const behind = others.filter((voter) => !caughtUp.includes(voter)).map((voter) => voter.id);
  const message = `The quorum of ${voters.length} controllers would lose its majority: without ${node}, ${caughtUp.length} are caught up, ${needed} needed; not caught up: ${behind.join(', ')}.`;
  return reason('QuorumAtRisk', message, { voters: voters.length, caughtUp: caughtUp.length, needed, behind });
}
