import type { StepRecord } from '../model/drover/plan-run.ts';
import type { Reason } from '../model/reason.ts';
import type { GateAnswer, GateCall, GateName, ServiceSnapshot } from './service-snapshot.ts';

/** What a gate says at this moment: go on; or wait, for a reason (undefined: nothing said yet), asking again or at a time. */
export type Consulted =
  | { readonly open: true; readonly answer: GateAnswer & { verdict: 'go' } }
  | {
      readonly open: false;
      readonly reason: Reason | undefined;
      readonly refused: boolean;
      readonly ask?: GateCall;
      readonly wakeAtMs?: number;
    };

/** A `go` to stop is as fresh as the look at the world behind it. */
const MAY_STOP_VALID_MS = 15_000;
/** A refusal is looked at again too: the world may have changed. */
const REFUSAL_RETRY_MS = 30_000;

/** Reads the remembered answer to a call, and says whether (and when) to ask again. */
export function consult(snapshot: ServiceSnapshot, call: GateCall): Consulted {
  if (!snapshot.gated) return { open: true, answer: { verdict: 'go', answeredAtMs: snapshot.nowMs } };
  const answer = snapshot.gates.get(call.key);
  if (!answer) return { open: false, reason: undefined, refused: false, ask: call };
  if (answer.verdict === 'go') {
    const stale = call.gate === 'mayStop' && snapshot.nowMs - answer.answeredAtMs > MAY_STOP_VALID_MS;
    return stale ? { open: false, reason: undefined, refused: false, ask: call } : { open: true, answer };
  }
  const refused = answer.verdict === 'refuse';
  const dueAtMs = answer.answeredAtMs + (answer.verdict === 'refuse' ? REFUSAL_RETRY_MS : answer.retryAfterMs);
  const again = snapshot.nowMs >= dueAtMs ? { ask: call } : { wakeAtMs: dueAtMs };
  return { open: false, reason: answer.reason, refused, ...again };
}

/** The call of a gate for one attempt of a step. */
export function stepCall(
  gate: GateName,
  step: { readonly id: string; readonly instance: string; readonly action: GateCall['action']; readonly force?: { reason: string } },
  record: StepRecord,
): GateCall {
  return {
    key: `${gate}/${step.id}/${record.attempt}`,
    gate,
    instance: step.instance,
    action: step.action,
    record: record.domain,
    force: step.force ?? record.force,
  };
}
