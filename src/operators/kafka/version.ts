/** Least release: from here on voters join the quorum by themselves. */
export const LEAST_VERSION = '4.2.0';

/** Compares releases `a.b.c` by their numbers: negative when `left` is older. */
export function compareVersions(left: string, right: string): number {
  const a = left.split('.').map(Number);
  const b = right.split('.').map(Number);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True for text such as 4.3.1. */
export function isVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(text);
}
