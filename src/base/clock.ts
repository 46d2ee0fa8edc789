/** Time as a dependency. Times are epoch milliseconds; RFC 3339 only at the edge. */
export interface Clock {
  /** Wall clock, epoch ms. */
  now(): number;
  /** Monotonic ms, only differences mean anything. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock. Timers do not keep the process alive: whoever owns the process does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, 0x7fffffff));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` on `clock`; rejects with the signal's reason when aborted before. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    function onAbort() {
      cancel();
      reject(signal?.reason);
    }
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Epoch ms as RFC 3339 with whole seconds, as Kubernetes' `metav1.Time`. */
export function toTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** Epoch ms as RFC 3339 with microseconds, as Kubernetes' `metav1.MicroTime`. */
export function toMicroTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
}

/** RFC 3339 text as epoch ms; NaN when it is not a time. */
export function fromTime(text: string): number {
  return Date.parse(text);
}
