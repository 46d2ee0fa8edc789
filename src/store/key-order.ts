import { DroverError } from '../base/errors.ts';

/**
 * Compares keys by the bytes of their UTF-8 form, the order in which every store lists (SQLite and etcd compare bytes). JavaScript's own
 * order differs only where surrogate pairs meet U+E000 and above.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) {
      const leftIsPair = isSurrogate(left);
      return leftIsPair === isSurrogate(right) ? left - right : leftIsPair ? 1 : -1;
    }
  }
  return a.length - b.length;
}

/** The least key that is greater than all keys under `prefix`; undefined when there is none (an empty prefix). */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0)!);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/** Throws `bad-request` for a key that not every store can keep: empty, with a NUL, or with half a surrogate pair. */
export function checkKey(key: string): void {
  if (key === '' || key.includes('\0') || !key.isWellFormed()) {
    throw new DroverError('bad-request', `${JSON.stringify(key)} is no key: a key is well-formed text, not empty and without NUL.`);
  }
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
