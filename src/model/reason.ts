import { Type, type Static } from 'typebox';

/**
 * Why something happens, waits or is refused: a code and its numbers. Prose is rendered at the edge (model/reason-text.ts), so CLI, API and
 * console show one and the same thing. `code` is CamelCase as Kubernetes' condition reasons.
 */
export const Reason = Type.Object({
  code: Type.String({ pattern: '^[A-Z][A-Za-z0-9]*$', description: 'Machine-readable reason, CamelCase.' }),
  message: Type.String({ description: 'The reason as a sentence, with its numbers.' }),
  params: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'The numbers and names behind the sentence.' })),
  field: Type.Optional(Type.String({ description: 'The field of the spec that the reason is about.' })),
});
export type Reason = Static<typeof Reason>;

/** Builds a Reason; `params` may hold numbers, names and lists, all JSON. */
export function reason(code: string, message: string, params?: Record<string, unknown>, field?: string): Reason {
  return { code, message, ...(params && { params }), ...(field !== undefined && { field }) };
}
