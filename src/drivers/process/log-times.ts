/** When the log had reached an offset: its bytes up to there were written by then. */
export interface LogSample {
  readonly offset: number;
  readonly atMs: number;
}

/**
 * Samples from the text of `log.times`: `<offset> <epoch ms>` a line, in order. Lines that a crash or a full disk cut short are passed over,
 * and so are those that go back.
 */
export function parseSamples(text: string): LogSample[] {
  const samples: LogSample[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d+) (\d+)$/.exec(line);
    if (!match) continue;
    const sample = { offset: Number(match[1]), atMs: Number(match[2]) };
    const last = samples.at(-1);
    if (!last || (sample.offset >= last.offset && sample.atMs >= last.atMs)) samples.push(sample);
  }
  return samples;
}

export function formatSamples(samples: readonly LogSample[]): string {
  return samples.map((sample) => `${sample.offset} ${sample.atMs}\n`).join('');
}

/** Half of the samples, those of `offset` < `from` first; the last one stays. */
export function thinSamples(samples: readonly LogSample[], from: number): LogSample[] {
  const present = samples.filter((sample, i) => sample.offset >= from || (samples[i + 1]?.offset ?? Infinity) >= from);
  return present.length * 2 <= samples.length ? present : present.filter((_, i) => i % 2 === (present.length - 1) % 2);
}

/**
 * The time of the byte before `offset`: that of the sample at its offset, between two samples in proportion. Samples must be in order; the first
 * one should be the task's start at offset 0. Never earlier for a later offset.
 */
export function timeAt(samples: readonly LogSample[], offset: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.offset >= offset) high = middle;
    else low = middle + 1;
  }
  const next = samples[low];
  const previous = samples[low - 1];
  if (!next) return previous?.atMs ?? 0;
  if (!previous) return next.atMs;
  return Math.round(previous.atMs + ((next.atMs - previous.atMs) * (offset - previous.offset)) / (next.offset - previous.offset));
}
