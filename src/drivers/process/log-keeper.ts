import { appendFileSync, type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { DriverLog } from './driver-log.ts';
import { writeAtomically } from './layout.ts';
import { logExtent, rotateLog } from './log-file.ts';
import { formatSamples, type LogSample, parseSamples, thinSamples } from './log-times.ts';

/** While a task writes, its log is looked at this often. */
const SAMPLE_MS = 1000;
/** `log.times` is thinned out when it is larger: about an hour of a sample a second. */
const TIMES_BYTES = 96 * 1024;

/**
 * Notes when the logs of live tasks grow, and rotates them. A silent task costs one inotify watch and no time at all; the first byte it writes takes
 * the watch away, and from then on the size is looked at once a second until it stays the same for one. So a chatty task wakes nobody per line.
 *
 * While Drover is down nobody does this: logs grow past their bound until the next start, and times of those lines are guessed between the last
 * sample and the file's last write.
 */
export class LogKeeper {
  readonly #clock: Clock;
  readonly #log: DriverLog;
  readonly #kept = new Map<string, KeptLog>();

  constructor(clock: Clock, log: DriverLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Begins with a task. A log that grew while nobody watched is noted at its last write. */
  keep(taskDir: string, maxLogBytes: number): void {
    if (this.#kept.has(taskDir)) return;
    const kept = new KeptLog(taskDir, maxLogBytes, this.#clock, this.#log);
    this.#kept.set(taskDir, kept);
    kept.begin();
  }

  /** Ends with a task, after a last look. */
  async release(taskDir: string): Promise<void> {
    const kept = this.#kept.get(taskDir);
    this.#kept.delete(taskDir);
    await kept?.end();
  }

  /** Ends with all tasks; waits for a rotation under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((taskDir) => this.release(taskDir)));
  }
}

class KeptLog {
  readonly #taskDir: string;
  readonly #file: string;
  readonly #maxLogBytes: number;
  readonly #clock: Clock;
  readonly #log: DriverLog;
  /** Size of `log` at the last look; offsets in `log.times` are of the stream, `#shift` further. */
  #size = 0;
  #shift = 0;
  #rotatedTo = 0;
  #watcher: FSWatcher | undefined;
  #cancelTick = () => {};
  #rotation: Promise<void> | undefined;
  #ended = false;
  #rotationFailed = false;

  constructor(taskDir: string, maxLogBytes: number, clock: Clock, log: DriverLog) {
    this.#taskDir = taskDir;
    this.#file = join(taskDir, 'log');
    this.#maxLogBytes = maxLogBytes;
    this.#clock = clock;
    this.#log = log;
  }

  begin(): void {
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.size === 0) return this.#sleep();
    // Adopted: where its older part ends must be read from the disk first.
    this.#rotation = logExtent(this.#taskDir)
      .then((extent) => {
        this.#shift = extent.shift;
        this.#rotatedTo = extent.to;
        this.#rotation = undefined;
        this.#size = (parseSamples(this.#readTimes()).at(-1)?.offset ?? 0) - this.#shift;
        if (!this.#ended) this.#look();
      })
      .catch((error: unknown) => this.#log.warn({ error, taskDir: this.#taskDir }, 'cannot look at a log'));
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#cancelTick();
    const wasAsleep = this.#watcher !== undefined;
    this.#unwatch();
    await this.#rotation;
    this.#sample(wasAsleep);
  }

  /** Waits for the next byte. */
  #sleep(): void {
    try {
      this.#watcher = watch(this.#file, { persistent: false }, () => this.#wake());
      this.#watcher.on('error', () => this.#unwatch());
    } catch {
      // Out of inotify watches: the price is a look each second.
      return this.#tickLater();
    }
    // What was written just before the watch was there.
    if ((statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0) !== this.#size) this.#wake();
  }

  #wake(): void {
    if (!this.#watcher || this.#ended) return;
    if (statSync(this.#file, { throwIfNoEntry: false })?.size === this.#size) return;
    this.#unwatch();
    this.#sample(true);
    this.#tickLater();
  }

  #tickLater(): void {
    this.#cancelTick = this.#clock.after(SAMPLE_MS, () => this.#look());
  }

  #look(): void {
    const grew = this.#sample(false);
    if (this.#ended) return;
    if (this.#size + this.#shift - this.#rotatedTo > this.#maxLogBytes / 2) return this.#rotate();
    if (grew) this.#tickLater();
    else this.#sleep();
  }

  /** Notes the size if it is another one. `fromRest`: the log was at rest until this very moment, which is noted too. True when it had grown. */
  #sample(fromRest: boolean): boolean {
    const stat = statSync(this.#file, { throwIfNoEntry: false });
    if (!stat || stat.size === this.#size) return false;
    const atMs = Math.round(stat.mtimeMs);
    const before: LogSample[] = fromRest ? [{ offset: this.#size + this.#shift, atMs }] : [];
    this.#size = stat.size;
    try {
      appendFileSync(join(this.#taskDir, 'log.times'), formatSamples([...before, { offset: this.#size + this.#shift, atMs }]), {
        mode: 0o600,
      });
    } catch (error) {
      this.#log.warn({ error, taskDir: this.#taskDir }, 'cannot note the time of a log');
    }
    return true;
  }

  #rotate(): void {
    this.#rotation = (async () => {
      try {
        await rotateLog(this.#taskDir, Math.floor(this.#maxLogBytes / 2));
        this.#rotationFailed = false;
        const extent = await logExtent(this.#taskDir);
        this.#shift = extent.shift;
        this.#rotatedTo = extent.to;
        this.#size = Math.min(this.#size, extent.end - extent.shift);
        const times = this.#readTimes();
        if (times.length > TIMES_BYTES) {
          await writeAtomically(join(this.#taskDir, 'log.times'), formatSamples(thinSamples(parseSamples(times), extent.from)));
        }
      } catch (error) {
        // It is tried again each second; said once.
        if (!this.#rotationFailed) this.#log.warn({ error, taskDir: this.#taskDir }, 'cannot rotate a log');
        this.#rotationFailed = true;
      }
      this.#rotation = undefined;
      if (!this.#ended) this.#tickLater();
    })();
  }

  #readTimes(): string {
    try {
      return readFileSync(join(this.#taskDir, 'log.times'), 'latin1');
    } catch {
      return '';
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
