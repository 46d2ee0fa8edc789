import type { Clock } from '../base/clock.ts';
import type { ResourceClient } from '../client/client.ts';
import type { ControllerSnapshot } from '../observe/controller-snapshot.ts';
import type { EventRecorder } from '../observe/event-recorder.ts';
import type { Log } from '../observe/log.ts';
import type { Caches, Controller } from './controller.ts';
import type { Leadership, LeaderTerm } from './leadership.ts';
import type { Worker } from './worker.ts';
import { createEventRecorder } from '../observe/event-recorder.ts';
import { startInformers } from './informers.ts';
import { alwaysLeader } from './leadership.ts';
import { createWorker } from './worker.ts';
import { checkWrites } from './writes.ts';

export interface ControllersOptions {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly controllers: readonly Controller[];
  /** Default: a recorder of its own, as `drover-control`. */
  readonly events?: EventRecorder;
  /** Default: this process always leads. */
  readonly leadership?: Leadership;
}

export interface ControllerRuntime {
  readonly caches: Caches;
  /** What each controller has done in this term and has to do. */
  metrics(): readonly ControllerSnapshot[];
  /**
   * Resolves when nothing is left to do without the clock moving on: every queue is empty, nothing runs, the caches show all that has been written
   * so far. For simulators and tests; keys that wait for their time, and watches that wait to be repaired, do not count.
   */
  idle(): Promise<void>;
  /** Ends all work and all watches; resolves when nothing runs any more. What was begun is not undone. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts controllers over one shared cache a kind. Resolves when the caches hold their first lists; work begins when this process leads, with every
 * key that any object wakes. Throws when two controllers claim one field. Uses no timers but the clock's, so a fake clock makes it repeatable.
 */
export async function startControllers(options: ControllersOptions): Promise<ControllerRuntime> {
  const { client, clock, log, controllers, leadership = alwaysLeader } = options;
  checkWrites(controllers);
  const abort = new AbortController();
  const ownEvents = options.events ? undefined : createEventRecorder({ client, clock, log, component: 'drover-control' });
  const events = options.events ?? ownEvents!;
  let workers: readonly Worker[] = [];
  const informers = startInformers({
    client,
    clock,
    log,
    controllers,
    onChange: (kind, change) => workers.forEach((worker) => worker.changed(kind, change)),
  });

  let begin: () => void = () => {};
  const firstTerm = new Promise<void>((resolve) => (begin = resolve));

  async function lead(): Promise<void> {
    while (!abort.signal.aborted) {
      let term: LeaderTerm;
      try {
        term = await leadership.acquire(abort.signal);
      } catch (error) {
        if (!abort.signal.aborted) log.error({ error }, 'leadership cannot be acquired any more');
        return;
      }
      const signal = AbortSignal.any([abort.signal, term.over]);
      workers = controllers.map((controller) => createWorker(controller, { client, caches: informers, clock, events, log, signal }));
      for (const worker of workers) worker.start();
      begin();
      await aborted(signal);
      await Promise.all(workers.map((worker) => worker.queue.close()));
    }
  }

  async function settled(): Promise<boolean> {
    await Promise.all(workers.map((worker) => worker.queue.idle()));
    const begun = countBegun(workers);
    await ownEvents?.idle();
    await Promise.all(informers.all.map((informer) => informer.caughtUp()));
    return begun === countBegun(workers) && workers.every((worker) => worker.queue.isIdle);
  }

  try {
    await informers.synced();
  } catch (error) {
    await informers.close();
    throw error;
  }
  const leading = lead();
  let closing: Promise<void> | undefined;

  return {
    caches: informers,
    metrics: () => workers.map((worker) => worker.snapshot()),
    async idle() {
      await Promise.race([firstTerm, aborted(abort.signal)]);
      while (!abort.signal.aborted && !(await settled()));
    },
    close() {
      closing ??= (async () => {
        abort.abort(new Error('the controllers were closed'));
        await leading;
        await informers.close();
        await ownEvents?.close();
      })();
      return closing;
    },
  };
}

function countBegun(workers: readonly Worker[]): number {
  return workers.reduce((sum, worker) => sum + worker.begun(), 0);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
