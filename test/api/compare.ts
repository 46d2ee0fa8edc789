import type { Answer } from './run-script.ts';

/** One place where two answers differ. `undefined` is "not there". */
export interface Difference {
  /** `body.metadata.name`, `code`, `body.items[0].spec`. */
  readonly path: string;
  readonly real: unknown;
  readonly ours: unknown;
}

/** All places where two answers differ: the deepest ones, members that one side lacks as a whole. */
export function differences(real: Answer, ours: Answer): readonly Difference[] {
  const found: Difference[] = [];
  walk(real, ours, '', found);
  return found;
}

function walk(real: unknown, ours: unknown, path: string, found: Difference[]): void {
  if (Array.isArray(real) && Array.isArray(ours)) {
    for (let i = 0; i < Math.max(real.length, ours.length); i++) walk(real[i], ours[i], `${path}[${i}]`, found);
    return;
  }
  if (isObject(real) && isObject(ours)) {
    for (const name of new Set([...Object.keys(real), ...Object.keys(ours)]))
      walk(real[name], ours[name], path === '' ? name : `${path}.${name}`, found);
    return;
  }
  if (!Object.is(real, ours)) found.push({ path, real, ours });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
