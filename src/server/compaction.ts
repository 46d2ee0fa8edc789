import type { Clock } from '../base/clock.ts';
import type { Log } from '../observe/log.ts';
import type { Store } from '../store/store.ts';

/** A watch may be away for so long and still go on from where it was, as with kube-apiserver. */
export const COMPACT_EVERY_MS = 5 * 60_000;

/** Forgets every five minutes what was superseded more than five minutes ago. Returns what stops it. Costs nothing while nothing is written. */
export function startCompaction(options: { store: Store; clock: Clock; log: Log; everyMs?: number }): () => void {
  const { store, clock, log, everyMs = COMPACT_EVERY_MS } = options;
  let before = store.revision();
  let cancel = clock.after(everyMs, tick);
  let stopped = false;

  function tick(): void {
    const upTo = before;
    before = store.revision();
    const done = upTo > store.compactedRevision() ? store.compact(upTo) : Promise.resolve();
    void done
      .catch((error: unknown) => log.warn({ error, revision: upTo }, 'old revisions could not be forgotten; tried again later'))
      .finally(() => {
        if (!stopped) cancel = clock.after(everyMs, tick);
      });
  }

  return () => {
    stopped = true;
    cancel();
  };
}
