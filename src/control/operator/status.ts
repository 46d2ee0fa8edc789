import type { ManagedService } from '../../model/drover/managed-service.ts';
import type { Reason } from '../../model/reason.ts';
import type { Condition, Stored } from '../../model/resource.ts';
import { withCondition } from '../../model/resource.ts';

/** What has become of the newest spec of a domain resource: refused by its operator, or handed on to its service. */
export type Verdict =
  | { readonly type: 'refused'; readonly reasons: readonly Reason[] }
  | { readonly type: 'applied'; readonly service: Stored<ManagedService>; readonly warnings: readonly Reason[] }
  | { readonly type: 'waiting' };

/** The part of a domain resource's status that every operator has. */
export interface DomainStatus {
  readonly observedGeneration?: number;
  readonly conditions?: Condition[];
  readonly refusals?: Reason[];
  readonly warnings?: Reason[];
}

/**
 * The status after a verdict: conditions Accepted and Ready, refusals, warnings, observedGeneration. Accepted is the service's own, once the service has
 * judged the spec that was handed on; until then the old verdict and observedGeneration stay, and before the first nothing is said at all. Other fields
 * stay as they are. Pure.
 */
export function domainStatus<S extends DomainStatus>(
  before: S | undefined,
  generation: number,
  verdict: Verdict,
  service: Stored<ManagedService> | undefined,
  now: string,
): S & DomainStatus {
  const { refusals: _refusals, warnings: _warnings, ...rest } = (before ?? {}) as S;
  const own: DomainStatus = before ?? {};
  const judged = judge(verdict);
  if (!judged && !isJudged(before)) return (before ?? {}) as S;
  const kept = { ...(own.refusals && { refusals: own.refusals }), ...(own.warnings && { warnings: own.warnings }) };
  const lists = judged
    ? {
        ...(judged.refusals.length > 0 && { refusals: [...judged.refusals] }),
        ...(judged.warnings.length > 0 && { warnings: [...judged.warnings] }),
      }
    : kept;
  const conditions = [
    ...(judged ? [{ ...judged.accepted, observedGeneration: generation }] : []),
    { ...readyOf(service), observedGeneration: generation },
  ].reduce((all, condition) => withCondition(all, condition, now), [...(own.conditions ?? [])]);
  return { ...(rest as S), ...lists, conditions, ...(judged && { observedGeneration: generation }) };
}

/** True once some spec of the resource has been accepted or refused. */
export function isJudged(status: DomainStatus | undefined): boolean {
  return status?.conditions?.some((condition) => condition.type === 'Accepted') ?? false;
}

function judge(verdict: Verdict): { accepted: Condition; refusals: readonly Reason[]; warnings: readonly Reason[] } | undefined {
  if (verdict.type === 'waiting') return undefined;
  if (verdict.type === 'refused') return { accepted: refusal(verdict.reasons), refusals: verdict.reasons, warnings: [] };
  const { metadata, status } = verdict.service;
  const accepted = status?.conditions?.find((condition) => condition.type === 'Accepted');
  if (!accepted || status?.observedGeneration !== metadata.generation) return undefined;
  const { reason = 'Accepted', message = '' } = accepted;
  return {
    accepted: { type: 'Accepted', status: accepted.status, reason, message },
    refusals: status?.refusals ?? [],
    warnings: [...verdict.warnings, ...(status?.warnings ?? [])],
  };
}

function refusal(reasons: readonly Reason[]): Condition {
  return {
    type: 'Accepted',
    status: 'False',
    reason: reasons[0]?.code ?? 'Refused',
    message: reasons.map((why) => why.message).join(' '),
  };
}

function readyOf(service: Stored<ManagedService> | undefined): Condition {
  const ready = service?.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (!ready) return { type: 'Ready', status: 'False', reason: 'NotStarted', message: 'The service has not reported yet.' };
  const { status, reason = 'Unknown', message = '' } = ready;
  return { type: 'Ready', status, reason, message };
}
