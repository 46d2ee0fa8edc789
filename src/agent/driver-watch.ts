import { sleep, type Clock } from '../base/clock.ts';
import type { Driver, DriverEvent, TaskState } from '../drivers/driver.ts';
import type { AgentLog } from './agent-output.ts';

/** Who hears of tasks. */
export interface TaskListener {
  /** One task, as an event (`news`) or from a list. */
  putTask(task: TaskState, news: boolean): void;
  /** All tasks, from a list that was asked for when `known` were known. */
  putTasks(tasks: readonly TaskState[], known: ReadonlySet<string>): void;
  taskIds(): ReadonlySet<string>;
}

export interface DriverWatch {
  /** Asks the driver for all its tasks now. Throws what the driver throws. */
  resync(): Promise<void>;
  /** Passes on events until the signal aborts; lists again after an overflow or a break. */
  follow(): Promise<void>;
}

/** Pause before the driver's events are asked for again after they broke off. */
const PAUSE_MS = 1_000;

/** Watches the tasks of a driver. Events are kept from this call on, so that a list asked for afterwards misses none. */
export function watchDriver(driver: Driver, listener: TaskListener, clock: Clock, log: AgentLog, signal: AbortSignal): DriverWatch {
  let events: AsyncIterable<DriverEvent> = driver.events(signal);
  return { resync, follow };

  async function resync(): Promise<void> {
    const known = listener.taskIds();
    listener.putTasks(await driver.list(), known);
  }

  async function follow(): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of events) {
          if (event.type === 'resync') await resync();
          else listener.putTask(event.task, true);
        }
      } catch (error) {
        if (!signal.aborted) log.warn({ driver: driver.name, error: String(error) }, 'the events of the driver broke off');
      }
      await sleep(clock, PAUSE_MS, signal).catch(() => {});
      if (signal.aborted) return;
      events = driver.events(signal);
      await resync().catch((error: unknown) =>
        log.warn({ driver: driver.name, error: String(error) }, 'the tasks of the driver cannot be listed'),
      );
    }
  }
}
