import type { FieldCause } from '../../base/errors.ts';
import { chooseVariant, jsonTypeOf, mapValues, typeFits, type SchemaNode } from './node.ts';

/** A value of the wrong JSON type, for kinds whose real decoder stops at the first one. */
export interface TypeMismatch {
  readonly path: string;
  readonly wanted: string;
  readonly actual: string;
}

/** What a check finds: rules that do not hold, in kube-apiserver's words, and wrong types apart. */
export interface Findings {
  readonly causes: FieldCause[];
  readonly mismatches: TypeMismatch[];
}

/** Texts differ: built-in kinds are checked by code (`Required value`), the others by their schema (`spec.n in body should …`). */
export type Flavour = 'builtin' | 'crd';

/** Finds all that is wrong with a value. Unknown fields are not looked at: prune first. */
export function check(
  node: SchemaNode,
  value: unknown,
  flavour: Flavour,
  path = '',
  found: Findings = { causes: [], mismatches: [] },
): Findings {
  const actual = jsonTypeOf(value);
  if (node.anyOf) {
    const variant = chooseVariant(node.anyOf, value);
    if (variant) return check(variant, value, flavour, path, found);
    mismatch(found, path, node.anyOf.map((variant) => String(variant.type)).join(' or '), actual);
    return found;
  }
  if (!typeFits(node.type, actual)) {
    mismatch(found, path, String(node.type), actual);
    return found;
  }
  const say = (reason: FieldCause['reason'], message: string) => found.causes.push({ field: path, reason, message });
  const allowed = node.const !== undefined ? [node.const] : node.enum;
  if (allowed && !allowed.includes(value)) {
    say(
      'FieldValueNotSupported',
      `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
    );
  }
  if (typeof value === 'string') checkText(node, value, flavour, path, say);
  else if (typeof value === 'number') checkNumber(node, value, flavour, path, say);
  else if (Array.isArray(value)) checkList(node, value, flavour, path, say, found);
  else if (actual === 'object') checkObject(node, value as Record<string, unknown>, flavour, path, found);
  return found;
}

type Say = (reason: FieldCause['reason'], message: string) => void;

function checkText(node: SchemaNode, value: string, flavour: Flavour, path: string, say: Say): void {
  if (node.minLength !== undefined && value.length < node.minLength) {
    if (flavour === 'builtin') say('FieldValueRequired', 'Required value');
    else
      say('FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body should be at least ${node.minLength} chars long`);
  }
  if (node.maxLength !== undefined && value.length > node.maxLength) {
    say('FieldValueTooLong', `Too long: may not be more than ${node.maxLength} bytes`);
  }
  if (node.pattern !== undefined && !new RegExp(node.pattern, 'u').test(value)) {
    say('FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body should match '${node.pattern}'`);
  }
  if (node.format === 'date-time' && Number.isNaN(Date.parse(value))) {
    say(
      'FieldValueInvalid',
      `Invalid value: ${JSON.stringify(value)}: ${path} in body must be of type date-time: ${JSON.stringify(value)}`,
    );
  }
}

function checkNumber(node: SchemaNode, value: number, flavour: Flavour, path: string, say: Say): void {
  const { minimum, maximum } = node;
  if (flavour === 'builtin') {
    if (minimum !== undefined && value === 0 && minimum > 0) say('FieldValueRequired', 'Required value');
    else if (minimum !== undefined && maximum !== undefined && (value < minimum || value > maximum)) {
      say('FieldValueInvalid', `Invalid value: ${value}: must be between ${minimum} and ${maximum}, inclusive`);
    } else if (minimum !== undefined && value < minimum)
      say('FieldValueInvalid', `Invalid value: ${value}: must be greater than or equal to ${minimum}`);
    return;
  }
  if (minimum !== undefined && value < minimum) {
    say('FieldValueInvalid', `Invalid value: ${value}: ${path} in body should be greater than or equal to ${minimum}`);
  }
  if (maximum !== undefined && value > maximum) {
    say('FieldValueInvalid', `Invalid value: ${value}: ${path} in body should be less than or equal to ${maximum}`);
  }
}

function checkList(node: SchemaNode, value: readonly unknown[], flavour: Flavour, path: string, say: Say, found: Findings): void {
  for (const [index, item] of value.entries()) if (node.items) check(node.items, item, flavour, `${path}[${index}]`, found);
  if (node.minItems !== undefined && value.length < node.minItems) {
    if (flavour === 'builtin') say('FieldValueRequired', 'Required value');
    else say('FieldValueInvalid', `Invalid value: ${value.length}: ${path} in body should have at least ${node.minItems} items`);
  }
  if (node.maxItems !== undefined && value.length > node.maxItems) {
    say('FieldValueTooMany', `Too many: ${value.length}: must have at most ${node.maxItems} items`);
  }
}

function checkObject(node: SchemaNode, value: Record<string, unknown>, flavour: Flavour, path: string, found: Findings): void {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  const values = mapValues(node);
  for (const [name, member] of Object.entries(value)) {
    const child = node.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : values;
    if (child && member !== undefined)
      check(
        child,
        member,
        flavour,
        values && (flavour === 'builtin' || path.startsWith('metadata.')) ? `${path}[${name}]` : at(name),
        found,
      );
  }
  for (const name of node.required ?? []) {
    if (value[name] === undefined) found.causes.push({ field: at(name), reason: 'FieldValueRequired', message: 'Required value' });
  }
}

function mismatch(found: Findings, path: string, wanted: string, actual: string): void {
  found.mismatches.push({ path, wanted, actual });
  const message = `Invalid value: "${actual}": ${path} in body must be of type ${wanted}: "${actual}"`;
  found.causes.push({ field: path, reason: 'FieldValueTypeInvalid', message });
}
