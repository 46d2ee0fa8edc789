import { chooseVariant, mapValues, type SchemaNode } from './node.ts';

/** Fills in the schema's `default` keywords; returns the same value when there is nothing to fill in. */
export type Defaulter = (value: unknown) => unknown;

/** Compiles the defaults of a schema; undefined when it has none, so that whole branches are skipped. */
export function compileDefaults(node: SchemaNode): Defaulter | undefined {
  if (node.anyOf) return unionDefaults(node.anyOf);
  const items = node.items && compileDefaults(node.items);
  if (items) return (value) => (Array.isArray(value) ? mapped(value, items) : value);
  const values = mapValues(node);
  const each = values && compileDefaults(values);
  if (each) return (value) => (isObject(value) ? mappedMembers(value, each) : value);
  if (!node.properties) return undefined;
  const members = Object.entries(node.properties)
    .map(([name, child]) => ({ name, preset: child.default, inner: compileDefaults(child) }))
    .filter(({ preset, inner }) => preset !== undefined || inner);
  if (members.length === 0) return undefined;
  return (value) => {
    if (!isObject(value)) return value;
    let result = value;
    for (const { name, preset, inner } of members) {
      const before = value[name];
      const after = before === undefined ? structuredClone(preset) : inner ? inner(before) : before;
      if (after === before) continue;
      if (result === value) result = { ...value };
      result[name] = after;
    }
    return result;
  };
}

function unionDefaults(variants: readonly SchemaNode[]): Defaulter | undefined {
  const defaulters = new Map(variants.map((variant) => [variant, compileDefaults(variant)]));
  if (![...defaulters.values()].some(Boolean)) return undefined;
  return (value) => {
    const variant = chooseVariant(variants, value);
    return (variant && defaulters.get(variant)?.(value)) ?? value;
  };
}

function mapped(list: readonly unknown[], each: Defaulter): readonly unknown[] {
  let changed = false;
  const result = list.map((item) => {
    const next = each(item);
    changed ||= next !== item;
    return next;
  });
  return changed ? result : list;
}

function mappedMembers(value: Record<string, unknown>, each: Defaulter): Record<string, unknown> {
  let result = value;
  for (const [name, member] of Object.entries(value)) {
    const next = each(member);
    if (next === member) continue;
    if (result === value) result = { ...value };
    result[name] = next;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
