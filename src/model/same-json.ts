/** True when two values are the same JSON: order of members does not count, and an `undefined` member is an absent one. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const name in left) {
    if (left[name] === undefined) continue;
    count++;
    if (!Object.hasOwn(right, name) || !sameJson(left[name], right[name])) return false;
  }
  for (const name in right) if (right[name] !== undefined) count--;
  return count === 0;
}
