import { ageOf } from './age.ts';
import type { Column } from './kind.ts';
import type { Condition, Resource } from './resource.ts';

/** The first column of nearly every kind. */
export const nameColumn: Column<Resource> = {
  name: 'Name',
  type: 'string',
  description: 'Name of the object, unique among its kind in a namespace.',
  value: (object) => object.metadata.name ?? '',
};

/** The last column of nearly every kind: how long ago the object was created. */
export const ageColumn: Column<Resource> = {
  name: 'Age',
  type: 'string',
  description: 'How long ago the object was created.',
  jsonPath: '.metadata.creationTimestamp',
  value: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs),
};

/** A text column; an absent value prints as nothing. */
export function textColumn<T extends Resource>(
  name: string,
  description: string,
  value: (object: T, nowMs: number) => string | number | undefined,
  options: { readonly priority?: number; readonly jsonPath?: string } = {},
): Column<T> {
  return { name, type: 'string', description, ...options, value: (object, nowMs) => value(object, nowMs) ?? '' };
}

/** `True`, `False` or `Unknown` of a condition; `Unknown` when nobody has set it. */
export function conditionStatus(conditions: readonly Condition[] | undefined, type: string): string {
  return conditions?.find((condition) => condition.type === type)?.status ?? 'Unknown';
}
