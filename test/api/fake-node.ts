import type { NodeApi, PodLogRequest } from '../../src/agent/node-api.ts';
import { DroverError } from '../../src/base/errors.ts';
import type { LogLine } from '../../src/drivers/driver.ts';

/** A {@link NodeApi} over lines in memory that obeys the contract: follow, tail, since, previous, and not-found. */
export class FakeNode implements NodeApi {
  readonly #logs = new Map<string, LogLine[]>();
  #wake: (() => void)[] = [];
  /** How many readers are following now. */
  following = 0;

  /** Adds a line to the log of `pod/container` (`-previous` behind it for the run before). */
  say(log: string, text: string, atMs: number): void {
    const lines = this.#logs.get(log) ?? [];
    lines.push({ text, atMs });
    this.#logs.set(log, lines);
    for (const wake of this.#wake.splice(0)) wake();
  }

  async *podLogs(request: PodLogRequest, signal: AbortSignal): AsyncIterable<LogLine> {
    const name = `${request.podName}/${request.container}${request.previous ? '-previous' : ''}`;
    const lines = this.#logs.get(name);
    if (!lines) {
      const what = request.previous ? 'previous terminated container' : 'container';
      throw new DroverError('not-found', `${what} "${request.container}" in pod "${request.podName}" not found`);
    }
    const recent = lines.filter((line) => request.sinceMs === undefined || line.atMs >= request.sinceMs);
    let next = lines.length - (request.tailLines === undefined ? recent.length : Math.min(request.tailLines, recent.length));
    this.following++;
    try {
      while (!signal.aborted) {
        while (next < lines.length && !signal.aborted) yield lines[next++]!;
        if (!request.follow || signal.aborted) return;
        await new Promise<void>((resolve) => {
          this.#wake.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    } finally {
      this.following--;
    }
  }
}
