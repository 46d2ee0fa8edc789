/** How the pause between attempts grows: `baseMs` after the first failure, doubled with each further one, at most `maxMs`. */
export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** The pause in ms after the `failures`-th failure in a row (1 is the first; less gives 0). Deterministic, without jitter. */
export function backoffMs(failures: number, { baseMs, maxMs }: Backoff): number {
  if (failures < 1) return 0;
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 52));
}
