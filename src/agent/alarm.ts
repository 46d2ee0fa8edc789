import type { Clock } from '../base/clock.ts';

/** Wakes keys at their times with a single timer, however many keys there are. */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (key: string) => void;
  readonly #times = new Map<string, number>();
  #cancel: (() => void) | undefined;
  #timerAtMs = Infinity;

  /** `ring` is called once for each key whose time has come. */
  constructor(clock: Clock, ring: (key: string) => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Sets the time of `key` in place of the one it had; Infinity takes it away. */
  set(key: string, atMs: number): void {
    if (atMs === Infinity) {
      this.#times.delete(key);
      return;
    }
    this.#times.set(key, atMs);
    if (atMs < this.#timerAtMs) this.#arm(atMs);
  }

  /** Stops the timer and forgets all keys. */
  close(): void {
    this.#times.clear();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerAtMs = Infinity;
  }

  #arm(atMs: number): void {
    this.#cancel?.();
    this.#timerAtMs = atMs;
    this.#cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => this.#fire());
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#timerAtMs = Infinity;
    const now = this.#clock.now();
    let nextAtMs = Infinity;
    const due: string[] = [];
    for (const [key, atMs] of this.#times) {
      if (atMs <= now) due.push(key);
      else nextAtMs = Math.min(nextAtMs, atMs);
    }
    for (const key of due) this.#times.delete(key);
    if (nextAtMs < Infinity) this.#arm(nextAtMs);
    for (const key of due) this.#ring(key);
  }
}
