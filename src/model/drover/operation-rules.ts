import type { FieldCause } from '../../base/errors.ts';
import { forbiddenField, immutableSpec, required } from '../causes.ts';
import { sameJson } from '../same-json.ts';
import type { Operation, OperationVerb } from './operation.ts';

type TargetField = 'plan' | 'phase' | 'step' | 'pod';

/** Which parts of the target each verb needs, and which it may have. */
const TARGETS: Readonly<Record<OperationVerb, { readonly needs: readonly TargetField[]; readonly may: readonly TargetField[] }>> = {
  'plan-start': { needs: ['plan'], may: [] },
  'plan-pause': { needs: ['plan'], may: ['phase'] },
  'plan-resume': { needs: ['plan'], may: ['phase'] },
  'plan-stop': { needs: ['plan'], may: [] },
  'plan-force-restart': { needs: ['plan'], may: ['phase', 'step'] },
  'plan-force-complete': { needs: ['plan', 'phase', 'step'], may: [] },
  'pod-restart': { needs: ['pod'], may: [] },
  'pod-replace': { needs: ['pod'], may: [] },
};

/** A verb has the target that it needs; overriding a refusal has a reason; an operation never changes. */
export function operationCauses({ spec }: Operation, old: Operation | undefined): FieldCause[] {
  if (old) return immutableSpec(sameJson(spec, old.spec));
  const { needs, may } = TARGETS[spec.verb];
  const fields = ['plan', 'phase', 'step', 'pod'] as const;
  const causes: FieldCause[] = [];
  for (const field of fields) {
    const at = `spec.target.${field}`;
    if (needs.includes(field) && !spec.target[field]) causes.push(required(at, `${spec.verb} acts on a ${needs.at(-1)}`));
    if (spec.target[field] !== undefined && !needs.includes(field) && !may.includes(field)) {
      causes.push(forbiddenField(at, `${spec.verb} takes no ${field}`));
    }
  }
  if (spec.target.step && !spec.target.phase && may.includes('phase'))
    causes.push(required('spec.target.phase', 'a step is found by its phase'));
  if (spec.force && !spec.reason) causes.push(required('spec.reason', 'overriding a refusal needs a reason'));
  return causes;
}
