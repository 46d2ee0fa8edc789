import type { FieldCause } from '../../base/errors.ts';
import { duplicates, invalidValue, named, required } from '../causes.ts';
import { envNameProblem } from '../name-rules.ts';
import { parseQuantity, QUANTITY_TEXT } from '../quantity.ts';
import type { Container, EnvVar } from './pod.ts';

/** Names of environment variables, and that a value comes from one place only. */
export function envCauses(env: readonly EnvVar[] | undefined, path: string): FieldCause[] {
  return (env ?? []).flatMap((variable, index) => {
    const at = `${path}[${index}]`;
    if (variable.name === '') return [];
    const causes = named(`${at}.name`, variable.name, envNameProblem);
    if (!variable.valueFrom) return causes;
    const sources = Object.values(variable.valueFrom).filter((source) => source !== undefined).length;
    if (variable.value) causes.push(invalidValue(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
    if (sources === 0) causes.push(required(`${at}.valueFrom`, 'must specify one of: `configMapKeyRef`, `fieldRef`, `secretKeyRef`'));
    if (sources > 1) causes.push(invalidValue(`${at}.valueFrom`, '', 'may not have more than one field specified at a time'));
    return causes;
  });
}

/** Amounts can be read, are not negative, and no request is over its limit. */
export function resourceCauses(resources: Container['resources'], path: string): FieldCause[] {
  const causes: FieldCause[] = [];
  for (const kind of ['limits', 'requests'] as const) {
    for (const [name, quantity] of Object.entries(resources?.[kind] ?? {})) {
      const at = `${path}.${kind}[${name}]`;
      const value = parseQuantity(quantity);
      if (value === undefined) causes.push(invalidValue(at, quantity, QUANTITY_TEXT));
      else if (value < 0) causes.push(invalidValue(at, quantity, 'must be greater than or equal to 0'));
      const limit = kind === 'requests' ? resources?.limits?.[name] : undefined;
      if (limit !== undefined && value !== undefined && value > (parseQuantity(limit) ?? Number.POSITIVE_INFINITY)) {
        causes.push(invalidValue(at, quantity, `must be less than or equal to ${name} limit of ${limit}`));
      }
    }
  }
  return causes;
}

/** The names in a list of named things are unique. */
export function uniqueNames(items: readonly { readonly name?: string }[] | undefined, path: string): FieldCause[] {
  return duplicates((items ?? []).map(({ name }, index) => ({ field: `${path}[${index}].name`, value: name })));
}
