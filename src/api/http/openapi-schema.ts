import type { ListMerge } from '../patch/merge-keys.ts';

/** An OpenAPI 3.0 schema, or any part of a JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const KEPT = [
  'description',
  'type',
  'format',
  'default',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'enum',
  'required',
  'x-kubernetes-int-or-string',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-patch-merge-key',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
] as const;

/** How strategic merge treats the list field of this name; undefined: as a whole. */
export type ListMergeOf = (field: string) => ListMerge | undefined;

/**
 * A model schema (JSON Schema as TypeBox writes it) in OpenAPI 3.0's words: `null` in a union becomes `nullable`, a constant an `enum`, a record
 * `additionalProperties`. Lists that `listMergeOf` knows say how strategic merge patches treat them.
 */
export function toOpenApi(schema: JsonSchema, listMergeOf: ListMergeOf = () => undefined, field = ''): JsonSchema {
  const out: Record<string, unknown> = {};
  for (const keyword of KEPT) if (schema[keyword] !== undefined) out[keyword] = schema[keyword];
  if (schema['const'] !== undefined) Object.assign(out, { type: typeof schema['const'], enum: [schema['const']] });
  if (Array.isArray(schema['enum']) && out['type'] === undefined && schema['enum'].every((value) => typeof value === 'string'))
    out['type'] = 'string';
  if (isSchema(schema['properties'])) {
    out['properties'] = Object.fromEntries(
      Object.entries(schema['properties']).map(([name, member]) => [name, toOpenApi(member as JsonSchema, listMergeOf, name)]),
    );
  }
  const values = recordValues(schema);
  if (values) out['additionalProperties'] = toOpenApi(values, listMergeOf, '');
  if (isSchema(schema['items'])) {
    out['items'] = toOpenApi(schema['items'], listMergeOf, field);
    const merge = listMergeOf(field);
    if (merge) out['x-kubernetes-patch-strategy'] = 'merge';
    if (merge?.type === 'by-key') out['x-kubernetes-patch-merge-key'] = merge.key;
  }
  if (Array.isArray(schema['anyOf'])) return { ...out, ...union(schema['anyOf'] as JsonSchema[], listMergeOf, field) };
  return out;
}

function union(members: readonly JsonSchema[], listMergeOf: ListMergeOf, field: string): JsonSchema {
  const rest = members.filter((member) => member['type'] !== 'null');
  const nullable = rest.length < members.length ? { nullable: true } : {};
  const types = new Set(rest.map((member) => member['type']));
  if (rest.length === 1) return { ...toOpenApi(rest[0]!, listMergeOf, field), ...nullable };
  if (types.size === 2 && types.has('string') && (types.has('integer') || types.has('number'))) {
    return {
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: types.has('integer') ? 'integer' : 'number' }, { type: 'string' }],
      ...nullable,
    };
  }
  // Variants of one object: what any of them may have is what readers of the document look for.
  if (types.size === 1 && types.has('object'))
    return { ...merged(rest.map((member) => toOpenApi(member, listMergeOf, field))), ...nullable };
  return { anyOf: rest.map((member) => toOpenApi(member, listMergeOf, field)), ...nullable };
}

function merged(variants: readonly JsonSchema[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const variant of variants) {
    for (const [name, member] of Object.entries((variant['properties'] ?? {}) as Record<string, JsonSchema>)) {
      const before = properties[name];
      properties[name] =
        before && Array.isArray(before['enum']) && Array.isArray(member['enum'])
          ? { ...before, enum: [...new Set([...(before['enum'] as unknown[]), ...(member['enum'] as unknown[])])] }
          : (before ?? member);
    }
  }
  const required = variants
    .map((variant) => (variant['required'] ?? []) as string[])
    .reduce((all, names) => all.filter((name) => names.includes(name)));
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

function recordValues(schema: JsonSchema): JsonSchema | undefined {
  if (isSchema(schema['patternProperties'])) return Object.values(schema['patternProperties'])[0] as JsonSchema;
  return isSchema(schema['additionalProperties']) ? schema['additionalProperties'] : undefined;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
