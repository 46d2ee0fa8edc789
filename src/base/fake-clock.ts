import type { Clock } from './clock.ts';

/** A clock that moves only when told to; for tests and the simulator. */
export class FakeClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; sequence: number; callback: () => void }[] = [];
  #sequence = 0;

  /** Starts at `startMs` (default 2026-01-01T00:00:00Z). */
  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** When the next timer is due, epoch ms; undefined without timers. */
  nextTimerAtMs(): number | undefined {
    return this.#timers.reduce<number | undefined>((least, t) => (least === undefined || t.atMs < least ? t.atMs : least), undefined);
  }

  /** Moves on by `ms`, running due timers in order of time, then of creation. */
  advance(ms: number): void {
    const target = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter((t) => t.atMs <= target).sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((t) => t !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = target;
  }
}
