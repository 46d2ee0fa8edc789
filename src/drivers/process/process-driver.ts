import { constants } from 'node:fs';
import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import { checkTask, taskKey } from '../check-task.ts';
import type { Driver, TaskConfig } from '../driver.ts';
import { createEventFeed } from '../event-feed.ts';
import { atMost } from './at-most.ts';
import type { DriverLog } from './driver-log.ts';
import { execInTask } from './exec.ts';
import { type Layout, prepareLayout, withClearErrors } from './layout.ts';
import { LogKeeper } from './log-keeper.ts';
import { logLines, type LogOwner } from './log-lines.ts';
import { Observer } from './observer.ts';
import { bootId } from './proc.ts';
import { baseEnvironment, Spawner } from './spawner.ts';
import { watchDirectory, type WatchDirectory } from './state-watch.ts';
import { Stopper } from './stopper.ts';
import { deleteTask, type Programs, readTaskRecord, recordTask, type TaskRecord, withdrawTask } from './task-files.ts';
import { isLive, newTask, type Task } from './task.ts';

/** Bytes of log kept for a task that does not say. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;
/** Starts under way at a time: more would only fill the memory. */
const STARTS = 32;

export interface ProcessDriverOptions {
  /** Absolute path of a directory of the driver's own; one driver at a time (the caller holds a lock). Made when it is missing. */
  readonly dir: string;
  readonly clock: Clock;
  readonly log: DriverLog;
  /** How the driver learns of records (default inotify); tests take it away to prove the sweep. */
  readonly watchDirectory?: WatchDirectory;
}

/**
 * The driver that runs tasks as plain processes of this Linux machine, under small shell supervisors that outlive Drover. Opening it adopts what
 * earlier ones left, also when they were killed between any two instructions:
 *
 * - `start` records a task (rename), then hands it to a supervisor; supervisors claim (O_EXCL), so it is safe to hand it out again, and that is
 *   what open does with recorded tasks that nobody has claimed. A start that resolved runs its task exactly once.
 * - A task's state follows from its records and from whether the processes they name live (`judge.ts`), never from memory.
 * - A `stop` is recorded with its deadline; open goes on with it.
 *
 * Tasks get PATH, HOME, USER, LOGNAME, SHELL, LANG, LC_ALL, TZ and TMPDIR of Drover where their own environment has none, and DROVER_TASK, their id.
 * Their directory is `<dir>/tasks/<key>/work`; mounts are symlinks in it, so `readOnly` is not enforced. Processes that a task leaves in its process
 * group are killed when it ends. Under systemd, Drover's unit needs `KillMode=process`, or tasks end with it.
 *
 * Throws `unavailable` when the machine lacks something (setsid; inotify; disk).
 */
export async function openProcessDriver(options: ProcessDriverOptions): Promise<Driver> {
  const { clock, log } = options;
  const programs: Programs = { setsid: await findProgram('setsid'), env: await findProgram('env') };
  const layout = await prepareLayout(options.dir);
  const feed = createEventFeed();
  const logs = new LogKeeper(clock, log);
  const stopper = new Stopper(clock, log);
  const spawner = new Spawner(layout.root);
  const startGate = atMost(STARTS);
  const starting = new Map<string, Promise<void>>();
  const background = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  const observer = new Observer({
    layout,
    clock,
    log,
    feed,
    hooks: {
      spawn(task) {
        if (spawner.isWaitingFor(task.key)) return;
        inBackground(
          spawner
            .spawn(task.key)
            .catch((error: unknown) => log.warn({ error, task: task.id }, 'cannot start a recorded task yet; trying again')),
        );
      },
      withdrawn: (task) =>
        inBackground(deleteTask(layout, task.key).catch((error: unknown) => log.warn({ error, task: task.id }, 'cannot delete a task'))),
      running: (task) => stopper.proceed(task),
      ended(task) {
        stopper.release(task);
        inBackground(logs.release(task.dir));
      },
    },
  });

  const stopWatching = await withClearErrors(`watch ${layout.state}`, async () =>
    (options.watchDirectory ?? watchDirectory)(
      layout.state,
      (name) => observer.onStateFile(name),
      (error) => log.warn({ error }, 'cannot watch for ended tasks: they are looked at every 30 s'),
    ),
  );
  await adopt(layout, observer, stopper, logs);

  return {
    name: 'process',
    capabilities: { ownNetwork: false },
    async start(config) {
      assertOpen();
      checkTask(config);
      if (observer.tasks.has(config.id)) return starting.get(config.id);
      const underWay = starting.get(config.id);
      if (underWay) return underWay;
      const start = startGate(() => startNew(config)).finally(() => starting.delete(config.id));
      starting.set(config.id, start);
      return start;
    },
    async stop(id, graceMs) {
      assertOpen();
      const task = observer.tasks.get(id);
      if (task && isLive(task)) await stopper.stop(task, graceMs);
    },
    async list() {
      assertOpen();
      await observer.sweep();
      return [...observer.tasks.values()].map((task) => task.state);
    },
    events: (signal) => feed.read(signal),
    async remove(id) {
      assertOpen();
      const task = observer.tasks.get(id);
      if (!task) return;
      if (isLive(task)) throw new DroverError('conflict', `Task ${id} (${task.record.label}) runs: stop it before it is removed.`);
      await logs.release(task.dir);
      await deleteTask(layout, task.key);
      observer.forget(task);
    },
    async *logs(id, logOptions, signal) {
      assertOpen();
      yield* logLines(logOwner(known(id)), logOptions, signal);
    },
    async exec(id, command, { timeoutMs, signal }) {
      assertOpen();
      const task = known(id);
      if (task.state.phase !== 'running') throw new DroverError('not-found', `Task ${id} (${task.record.label}) does not run.`);
      return execInTask(task.dir, command, { timeoutMs, signal, clock });
    },
    close() {
      closed ??= close();
      return closed;
    },
  };

  async function startNew(config: TaskConfig): Promise<void> {
    assertOpen();
    const key = taskKey(config.id)!;
    const record: TaskRecord = {
      id: config.id,
      label: config.label,
      startedAtMs: clock.now(),
      bootId: bootId(),
      maxLogBytes: config.maxLogBytes ?? MAX_LOG_BYTES,
    };
    recordTask(layout, key, config, record, programs);
    const task = newTask(layout, key, record);
    observer.add(task);
    feed.publish({ type: 'task', task: task.state });
    logs.keep(task.dir, record.maxLogBytes);
    try {
      await spawner.spawn(key);
    } catch (error) {
      // A supervisor may have come to be all the same: the claim tells.
      if (!(await withdrawTask(layout, key))) return;
      observer.forget(task);
      await logs.release(task.dir);
      await deleteTask(layout, key);
      feed.publish({ type: 'resync' });
      throw error;
    }
  }

  async function close(): Promise<void> {
    stopWatching();
    observer.close();
    for (const task of observer.tasks.values()) stopper.release(task);
    await spawner.close();
    await Promise.allSettled([...starting.values(), ...background]);
    await logs.close();
    feed.end();
    for (const task of observer.tasks.values()) for (const listener of task.endListeners) listener();
  }

  function logOwner(task: Task): LogOwner {
    return {
      taskDir: task.dir,
      startedAtMs: task.record.startedAtMs,
      nowMs: () => clock.now(),
      isLive: () => isLive(task) && closed === undefined,
      onEnd(callback) {
        if (!isLive(task)) callback();
        else task.endListeners.add(callback);
        return () => task.endListeners.delete(callback);
      },
    };
  }

  function known(id: string): Task {
    const task = observer.tasks.get(id);
    if (!task) throw new DroverError('not-found', `Task ${id} is not known to the process driver.`);
    return task;
  }

  function inBackground(work: Promise<unknown>): void {
    background.add(work);
    void work.finally(() => background.delete(work));
  }

  function assertOpen(): void {
    if (closed) throw new DroverError('unavailable', 'The process driver is closed.');
  }
}

/** Brings in all recorded tasks; records without a task are what a crash left of a removal. */
async function adopt(layout: Layout, observer: Observer, stopper: Stopper, logs: LogKeeper): Promise<void> {
  const keys = await readdir(layout.tasks);
  const recorded = new Set(keys);
  for (const name of await readdir(layout.state)) {
    if (!recorded.has(name.replace(/\.(run|exit)$/, ''))) await rm(join(layout.state, name), { force: true });
  }
  for (const key of keys) {
    const id = decodeURIComponent(key);
    // Cut short by a power loss, so of an earlier boot, unless its claim or its run record says otherwise.
    const record = (await readTaskRecord(layout, key)) ?? { id, label: id, startedAtMs: 0, bootId: '', maxLogBytes: MAX_LOG_BYTES };
    const task = newTask(layout, key, record);
    observer.add(task);
    observer.examine(task);
    if (!isLive(task) || !observer.tasks.has(id)) continue;
    stopper.resume(task);
    logs.keep(task.dir, record.maxLogBytes);
  }
}

/** The absolute path of a program of the machine. Throws `unavailable`. */
async function findProgram(name: string): Promise<string> {
  for (const directory of [...(baseEnvironment()['PATH'] ?? '').split(':'), '/usr/bin', '/bin']) {
    const path = join(directory, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (path.startsWith('/') && found) return path;
  }
  throw new DroverError('unavailable', `The process driver needs the program ${name}: install the packages util-linux and coreutils.`);
}
