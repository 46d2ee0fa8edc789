/** The part of JSON Schema that our kinds use, as plain data. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  /** Values of maps; we only ever have one pattern. */
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly description?: string;
}

/** A schema as plain data: typebox's own marks are left behind. */
export function plainSchema(schema: object): SchemaNode {
  return JSON.parse(JSON.stringify(schema)) as SchemaNode;
}

/** The schema of a map's values; undefined when the node is no map. */
export function mapValues(node: SchemaNode): SchemaNode | undefined {
  if (node.patternProperties) return Object.values(node.patternProperties)[0];
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** The same schema that also refuses fields it does not name. */
export function closeSchema(node: SchemaNode): SchemaNode {
  return {
    ...node,
    ...(node.properties && {
      properties: Object.fromEntries(Object.entries(node.properties).map(([name, child]) => [name, closeSchema(child)])),
      ...(!node.patternProperties && node.additionalProperties === undefined && { additionalProperties: false }),
    }),
    ...(node.patternProperties && {
      patternProperties: Object.fromEntries(Object.entries(node.patternProperties).map(([name, child]) => [name, closeSchema(child)])),
    }),
    ...(node.items && { items: closeSchema(node.items) }),
    ...(node.anyOf && { anyOf: node.anyOf.map(closeSchema) }),
  };
}

/** JSON's name for what a value is; whole numbers are `integer`. */
export function jsonTypeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** True when a value of JSON type `actual` may stand where the schema says `wanted`. */
export function typeFits(wanted: SchemaNode['type'], actual: string): boolean {
  if (wanted === undefined) return true;
  if (typeof wanted !== 'string') return wanted.some((one) => typeFits(one, actual));
  return wanted === actual || (wanted === 'number' && actual === 'integer');
}

/** True when the schema has a place for null. */
export function allowsNull(node: SchemaNode): boolean {
  if (node.anyOf) return node.anyOf.some(allowsNull);
  return node.type === undefined ? node.const === undefined && node.enum === undefined : typeFits(node.type, 'null');
}

/** Which variant of a union a value means: the one whose type, constants and required members fit best. */
export function chooseVariant(variants: readonly SchemaNode[], value: unknown): SchemaNode | undefined {
  const actual = jsonTypeOf(value);
  const fitting = variants.filter((variant) => typeFits(variant.type, actual));
  if (fitting.length < 2 || actual !== 'object') return fitting.find((variant) => fixedFits(variant, value)) ?? fitting[0];
  const members = value as Record<string, unknown>;
  const score = (variant: SchemaNode) => {
    const entries = Object.entries(variant.properties ?? {});
    const constants = entries.every(([name, child]) => !(name in members) || fixedFits(child, members[name]));
    const required = (variant.required ?? []).filter((name) => name in members).length - (variant.required ?? []).length;
    return (constants ? 0 : -1_000) + required;
  };
  return fitting.reduce((best, variant) => (score(variant) > score(best) ? variant : best));
}

function fixedFits(node: SchemaNode, value: unknown): boolean {
  if (node.const !== undefined) return node.const === value;
  return node.enum ? node.enum.includes(value) : true;
}
