/** One measured promise. `ratio` is measured / floor; `goal` says in words what `ok` was judged by. */
export interface BenchRow {
  readonly bench: string;
  readonly measured: string;
  /** What it is held against, measured in the same run. */
  readonly floor: string;
  readonly ratio: number;
  readonly goal: string;
  readonly ok: boolean;
}

/** Prints the rows as an aligned table; sets the exit code to 1 when a goal was missed. */
export function printReport(rows: readonly BenchRow[]): void {
  const head = ['bench', 'measured', 'floor', 'ratio', 'goal', ''];
  const lines = [
    head,
    ...rows.map((row) => [row.bench, row.measured, row.floor, row.ratio.toFixed(2), row.goal, row.ok ? 'ok' : 'MISSED']),
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  if (rows.some((row) => !row.ok)) process.exitCode = 1;
}

/** A rate with thousands separators: `12,345/s`. */
export function perSecond(count: number, elapsedMs: number): string {
  return `${Math.round((count / elapsedMs) * 1000).toLocaleString('en')}/s`;
}
