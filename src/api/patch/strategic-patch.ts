import { badRequest } from '../faults.ts';
import { byMember, byValue, mergedOrder } from './element-order.ts';
import { LIST_MERGES, type ListMerge } from './merge-keys.ts';

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

type Members = Record<string, unknown>;

/**
 * Kubernetes' strategic merge patch: as a merge patch, but lists of known fields are merged item by item, and directives (`$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList`, `$setElementOrder`) say what to delete, keep and order. Changes neither argument. Throws `bad-request`.
 */
export function strategicPatch(target: unknown, patch: unknown): unknown {
  return isObject(patch) ? mergeObject(isObject(target) ? target : {}, patch) : patch;
}

function mergeObject(target: Members, patch: Members): Members {
  const directive = patch[DIRECTIVE];
  if (directive === 'replace') return mergeObject({}, without(patch, DIRECTIVE));
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') throw badRequest(`Unknown patch type: ${JSON.stringify(directive)}`);
  const result: Members = { ...target };
  const retain = patch[RETAIN];
  if (retain !== undefined) {
    if (!Array.isArray(retain)) throw badRequest('invalid $retainKeys: it must be a list of names');
    for (const name of Object.keys(result)) if (!retain.includes(name)) delete result[name];
  }
  for (const [name, value] of Object.entries(patch))
    if (name.startsWith(DELETE_FROM)) removeFrom(result, name.slice(DELETE_FROM.length), value);
  for (const [name, value] of Object.entries(patch)) {
    if (name === DIRECTIVE || name === RETAIN || name.startsWith(ORDER) || name.startsWith(DELETE_FROM)) continue;
    if (value === null) delete result[name];
    else if (Array.isArray(value)) result[name] = mergeList(name, result[name], value, patch);
    else if (name !== '__proto__') {
      result[name] = isObject(value) ? mergeObject(isObject(result[name]) ? result[name] : {}, value) : value;
    }
  }
  for (const [name, order] of Object.entries(patch)) if (name.startsWith(ORDER)) setOrder(result, target, name.slice(ORDER.length), order);
  return result;
}

function mergeList(name: string, target: unknown, patch: readonly unknown[], siblings: Members): unknown[] {
  const rule = ruleFor(name, patch);
  if (!rule) return patch.map((item) => (isObject(item) ? mergeObject({}, item) : item));
  const live = Array.isArray(target) ? (target as unknown[]) : [];
  if (rule.type === 'set') {
    const merged = [...new Set([...live, ...patch])];
    return `${ORDER}${name}` in siblings ? merged : mergedOrder(merged, patch, live, byValue);
  }
  if (patch.some((item) => directiveOf(item) === 'replace')) {
    return patch.filter((item) => directiveOf(item) === undefined).map((item) => (isObject(item) ? mergeObject({}, item) : item));
  }
  const indexIn = byMember(rule.key);
  const merged = [...live];
  const named: Members[] = [];
  for (const item of patch) {
    if (!isObject(item)) throw badRequest(`the list ${name} of a strategic merge patch must hold objects`);
    if (item[rule.key] === undefined) throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${rule.key}`);
    const at = indexIn(merged, item);
    if (item[DIRECTIVE] === 'delete') {
      if (at >= 0) merged.splice(at, 1);
      continue;
    }
    named.push(item);
    const before = at >= 0 && isObject(merged[at]) ? merged[at] : {};
    if (at >= 0) merged[at] = mergeObject(before, item);
    else merged.push(mergeObject({}, item));
  }
  return `${ORDER}${name}` in siblings ? merged : mergedOrder(merged, named, live, indexIn);
}

/** A rule by key fits only lists of objects, one for sets only primitive ones. */
function ruleFor(name: string, patch: readonly unknown[]): ListMerge | undefined {
  const rule = Object.hasOwn(LIST_MERGES, name) ? LIST_MERGES[name] : undefined;
  const objects = patch.some(isObject);
  return rule?.type === 'set' && objects ? undefined : rule;
}

function removeFrom(result: Members, name: string, items: unknown): void {
  if (!Array.isArray(items)) throw badRequest(`invalid $deleteFromPrimitiveList of ${name}: it must be a list`);
  const live = result[name];
  if (Array.isArray(live)) result[name] = live.filter((item) => !items.includes(item));
}

function setOrder(result: Members, target: Members, name: string, order: unknown): void {
  if (!Array.isArray(order)) throw badRequest(`invalid $setElementOrder of ${name}: it must be a list`);
  const list = result[name];
  const rule = Object.hasOwn(LIST_MERGES, name) ? LIST_MERGES[name] : undefined;
  if (!Array.isArray(list) || !rule) return;
  const live = Array.isArray(target[name]) ? target[name] : [];
  result[name] = mergedOrder(list, order, live, rule.type === 'set' ? byValue : byMember(rule.key));
}

function directiveOf(item: unknown): unknown {
  return isObject(item) ? item[DIRECTIVE] : undefined;
}

function without(object: Members, name: string): Members {
  const { [name]: _, ...rest } = object;
  return rest;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
