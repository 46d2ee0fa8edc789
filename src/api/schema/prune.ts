import { allowsNull, chooseVariant, jsonTypeOf, mapValues, type SchemaNode } from './node.ts';

/** A field that the schema does not know, and the names it does know at that place. */
export interface UnknownField {
  readonly path: string;
  readonly name: string;
  readonly known: readonly string[];
}

/**
 * The value without fields that the schema does not name, without `undefined`, and without nulls where null has no place (in Kubernetes a null is an
 * absent field). What was dropped for being unknown is added to `unknown`. Copies only what changes; wrong types are left for the check to find.
 */
export function prune(node: SchemaNode, value: unknown, unknown: UnknownField[], path = ''): unknown {
  if (node.anyOf) {
    const variant = chooseVariant(node.anyOf, value);
    return variant ? prune(variant, value, unknown, path) : value;
  }
  const actual = jsonTypeOf(value);
  if (actual === 'array' && node.items) return pruneList(node.items, value as unknown[], unknown, path);
  if (actual !== 'object') return value;
  const members = value as Record<string, unknown>;
  const values = mapValues(node);
  if (!node.properties && !values) return value;
  let result = members;
  const change = () => (result === members ? (result = { ...members }) : result);
  for (const [name, member] of Object.entries(members)) {
    const child = node.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : values;
    const at = path === '' ? name : `${path}.${name}`;
    if (!child && member !== undefined) unknown.push({ path: at, name, known: Object.keys(node.properties ?? {}) });
    if (!child || member === undefined || (member === null && !values && !allowsNull(child))) {
      delete change()[name];
      continue;
    }
    const next = prune(child, member, unknown, at);
    if (next !== member) change()[name] = next;
  }
  return result;
}

function pruneList(node: SchemaNode, list: readonly unknown[], unknown: UnknownField[], path: string): readonly unknown[] {
  let changed = false;
  const result = list.map((item, index) => {
    const next = prune(node, item, unknown, `${path}[${index}]`);
    changed ||= next !== item;
    return next;
  });
  return changed ? result : list;
}
