import type { Resource } from '../../model/resource.ts';
import type { Judged } from './evidence.ts';
import { at, type Finding } from './finding.ts';

/** What the controllers say against the newest spec of a resource, and what they warn of. */
export function explainVerdict(resource: Resource): Finding[] {
  const status = (resource.status ?? {}) as Judged;
  const about = `${resource.kind} ${resource.metadata.name ?? ''}`;
  const accepted = status.conditions?.find((condition) => condition.type === 'Accepted');
  const warnings = (status.warnings ?? []).map((warning): Finding => ({
    level: 'warning',
    about,
    code: warning.code,
    text: `warning: ${warning.message}`,
  }));
  if (accepted === undefined || accepted.status === 'True') return warnings;
  const since = at(accepted.lastTransitionTime);
  const reasons = status.refusals ?? [];
  const refusals = reasons.map((refusal): Finding => ({
    level: 'refused',
    about,
    code: refusal.code,
    text: `${refusal.field === undefined ? '' : `${refusal.field}: `}${refusal.message}`,
    ...since,
  }));
  const whole: Finding = {
    level: 'refused',
    about,
    code: accepted.reason ?? 'NotAccepted',
    text: accepted.message ?? 'no reason is recorded',
    ...since,
  };
  return [...(refusals.length > 0 ? refusals : [whole]), ...warnings];
}

/** True when the newest spec of a resource was refused. */
export function isRefused(resource: Resource | undefined): boolean {
  const conditions = ((resource?.status ?? {}) as Judged).conditions ?? [];
  return conditions.some((condition) => condition.type === 'Accepted' && condition.status === 'False');
}
