import type { FieldCause } from '../base/errors.ts';

/** Kubernetes' sentences for what can be wrong with a field; one function a sentence. */

/** The field must be there. `why` is added when it is not plain. */
export function required(field: string, why?: string): FieldCause {
  return { field, reason: 'FieldValueRequired', message: why === undefined ? 'Required value' : `Required value: ${why}` };
}

/** The value breaks a rule, which `why` says. */
export function invalidValue(field: string, value: unknown, why: string): FieldCause {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

/** The value is the same as that of another item of its list. */
export function duplicate(field: string, value: unknown): FieldCause {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(value)}` };
}

/** The value names something that is not there; `known` is what is. */
export function unknownName(field: string, value: unknown, known?: readonly string[]): FieldCause {
  const list = known ? `; there ${known.length === 0 ? 'is none' : `are ${known.map((name) => JSON.stringify(name)).join(', ')}`}` : '';
  return { field, reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}${list}` };
}

/** The field may not be set or changed here. */
export function forbiddenField(field: string, why: string): FieldCause {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

/** The second and later of equal values, each at its own path. */
export function duplicates(values: readonly { readonly field: string; readonly value: string | undefined }[]): FieldCause[] {
  const seen = new Set<string>();
  return values.flatMap(({ field, value }) => {
    if (value === undefined) return [];
    if (seen.has(value)) return [duplicate(field, value)];
    seen.add(value);
    return [];
  });
}

/** A cause when a text breaks a rule of names (see name-rules.ts). */
export function named(field: string, value: string, problemOf: (value: string) => string | undefined): FieldCause[] {
  const problem = problemOf(value);
  return problem === undefined ? [] : [invalidValue(field, value, problem)];
}

/** Our records of decisions: their spec never changes. */
export function immutableSpec(same: boolean): FieldCause[] {
  return same ? [] : [{ field: 'spec', reason: 'FieldValueInvalid', message: 'Invalid value: "object": spec is immutable' }];
}
