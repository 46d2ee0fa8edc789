import { sleep } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import { checkTask } from '../check-task.ts';
import type { Driver, LogLine, LogOptions } from '../driver.ts';
import { createFakeMachine, type FakeMachine, type FakeMachineOptions } from './fake-machine.ts';
import type { FakeTask } from './fake-task.ts';

/** A driver over a machine in memory. Calls of a driver that was closed or replaced by a newer one throw `unavailable`. */
export interface FakeDriver extends Driver {
  readonly machine: FakeMachine;
}

/**
 * A driver over a fake machine: a new machine made from options, or one that exists and keeps its tasks (an agent that starts again after a
 * crash). Time is the machine's clock; there is no I/O. The same calls on the same seed give the same run.
 */
export function createFakeDriver(over: FakeMachine | FakeMachineOptions): FakeDriver {
  const machine = 'internals' in over ? over : createFakeMachine(over);
  const { internals, clock } = machine;
  const { feed, attached, detach } = internals.attach();

  /** Every verb goes through here, so that a hook can crash the caller on either side of its effect. */
  async function call<T>(
    verb: 'start' | 'stop' | 'list' | 'remove',
    id: string | undefined,
    body: () => { effect: boolean; value: T },
  ): Promise<T> {
    assertAttached();
    const record = internals.enter(verb, id);
    const { effect, value } = body();
    record.effect = effect;
    internals.leave(record);
    return value;
  }

  function assertAttached(): void {
    if (!attached()) throw new DroverError('unavailable', 'This fake driver was closed or replaced by a newer one.');
  }

  function known(id: string): FakeTask {
    const task = internals.taskById.get(id);
    if (!task) throw new DroverError('not-found', `Task ${id} is not known to the driver.`);
    return task;
  }

  return {
    name: 'fake',
    capabilities: { ownNetwork: false },
    machine,
    start: (config) =>
      call('start', config.id, () => {
        checkTask(config);
        const isNew = !internals.taskById.has(config.id);
        if (isNew) internals.start(config);
        return { effect: isNew, value: undefined };
      }),
    stop: (id, graceMs) =>
      call('stop', id, () => {
        const task = internals.taskById.get(id);
        const effect = task?.live() ?? false;
        if (task && effect) internals.stop(task, graceMs);
        return { effect, value: undefined };
      }),
    list: () => call('list', undefined, () => ({ effect: false, value: [...internals.taskById.values()].map((task) => task.state) })),
    events: (signal) => feed.read(signal),
    remove: (id) =>
      call('remove', id, () => {
        const task = internals.taskById.get(id);
        if (task?.live()) throw new DroverError('conflict', `Task ${id} runs: stop it before it is removed.`);
        if (task) internals.remove(task);
        return { effect: task !== undefined, value: undefined };
      }),
    async *logs(id, options, signal) {
      assertAttached();
      internals.leave(internals.enter('logs', id));
      yield* readLog(known(id), options, signal);
    },
    async exec(id, command, { timeoutMs, signal }) {
      assertAttached();
      const record = internals.enter('exec', id);
      const task = known(id);
      if (task.state.phase !== 'running') throw new DroverError('not-found', `Task ${id} does not run.`);
      const { result, tookMs } = internals.exec(task, command);
      if (tookMs > 0) await sleep(clock, Math.min(tookMs, timeoutMs), signal);
      record.effect = true;
      internals.leave(record);
      const output = result.output.slice(0, 4096);
      return tookMs > timeoutMs ? { exitCode: 137, output, timedOut: true } : { ...result, output };
    },
    async close() {
      detach();
    },
  };
}

async function* readLog(task: FakeTask, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
  const old = task.log.filter((line) => options.sinceMs === undefined || line.atMs >= options.sinceMs);
  let next = task.log.length;
  yield* options.tailLines === undefined ? old : old.slice(old.length - Math.min(options.tailLines, old.length));
  if (!options.follow) return;
  let wake = () => {};
  const stopListening = task.onLog(() => wake());
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      const line = task.log[next];
      if (line) {
        next++;
        yield line;
        continue;
      }
      if (!task.live()) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', onAbort);
  }
}
