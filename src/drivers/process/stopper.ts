import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { DriverLog } from './driver-log.ts';
import { writeAtomically } from './layout.ts';
import { isAlive, sendSignal } from './proc.ts';
import { readRecord } from './task-files.ts';
import { isLive, type Task } from './task.ts';

/**
 * Ends tasks: SIGTERM to the process group, SIGKILL to it at the deadline. The deadline (wall clock) is on disk before the first signal goes out,
 * and a later Drover goes on with it, so a grace period does not begin anew. Processes that left the group (a daemon that calls setsid) are not
 * reached.
 */
export class Stopper {
  readonly #clock: Clock;
  readonly #log: DriverLog;

  constructor(clock: Clock, log: DriverLog) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Asks a live task to end by now + `graceMs`. A second call can only bring the deadline nearer. */
  async stop(task: Task, graceMs: number): Promise<void> {
    const killAtMs = this.#clock.now() + Math.max(0, graceMs);
    if (!task.stop || killAtMs < task.stop.killAtMs) {
      try {
        await writeAtomically(join(task.dir, 'stop'), `${killAtMs}\n`);
      } catch (error) {
        this.#log.warn({ error, task: task.id }, 'cannot record the deadline of a stop: it holds only while Drover runs');
      }
      // Another stop may have come first while this one wrote.
      if (!task.stop || killAtMs < task.stop.killAtMs) this.#arm(task, killAtMs);
    }
    this.proceed(task);
  }

  /** Takes up the stop that an earlier Drover began, if there is one. */
  resume(task: Task): void {
    const killAtMs = Number(readRecord(join(task.dir, 'stop'))?.text ?? NaN);
    if (!Number.isFinite(killAtMs)) return;
    this.#arm(task, killAtMs);
    this.proceed(task);
  }

  /** Sends what is due to a task that is being stopped; also called when it begins to run. */
  proceed(task: Task): void {
    if (!task.stop || !isLive(task) || !task.process || !isAlive(task.process)) return;
    this.#signal(task, this.#clock.now() >= task.stop.killAtMs ? 'SIGKILL' : 'SIGTERM');
  }

  /** Cancels the timer of a task that ended, or of all when the driver closes. */
  release(task: Task): void {
    task.stop?.cancel();
  }

  #arm(task: Task, killAtMs: number): void {
    task.stop?.cancel();
    // When the timer fires the time has come, whatever the wall clock says: timers may be early by a millisecond, and clocks are set.
    const cancel = this.#clock.after(Math.max(0, killAtMs - this.#clock.now()), () => {
      task.stop = { killAtMs: -Infinity, cancel };
      this.proceed(task);
    });
    task.stop = { killAtMs, cancel };
  }

  #signal(task: Task, signal: NodeJS.Signals): void {
    if (!task.process) return;
    // Between its record and setsid the task has no group of its own yet.
    if (!sendSignal(-task.process.pid, signal)) sendSignal(task.process.pid, signal);
  }
}
