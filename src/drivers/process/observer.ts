import { closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { TaskState } from '../driver.ts';
import type { EventFeed } from '../event-feed.ts';
import type { DriverLog } from './driver-log.ts';
import { judge, type Verdict } from './judge.ts';
import type { Layout } from './layout.ts';
import { bootId, bootTimeMs, isAlive, sendSignal, sessionMembers } from './proc.ts';
import { bootOf, type ExitRecord, type LostReason, lostText, parseClaim, parseExit, parseRun, VOID } from './records.ts';
import { readRecord, TASK_MARKER } from './task-files.ts';
import { isLive, type Task } from './task.ts';

/** Tasks on their way to run, and orphans, are looked at this often. */
const POLL_MS = 1000;
/** All live tasks are looked at this often: finds supervisors that were killed, and what inotify dropped. */
const SWEEP_MS = 30_000;
/** A task that was started a moment ago needs no second look. */
const SETTLE_MS = 2000;

/** What the observer asks of the rest of the driver. */
export interface ObserverHooks {
  /** A task needs a supervisor. */
  spawn(task: Task): void;
  /** Its start was given up by an earlier Drover: what is left of it can be deleted. */
  withdrawn(task: Task): void;
  /** It runs now. */
  running(task: Task): void;
  /** It has ended. */
  ended(task: Task): void;
}

/**
 * Knows the state of every task. Level-triggered: whatever happens (a record appears, a timer fires, Drover starts) it gathers the facts about a
 * task, lets `judge` decide and does what the verdict says; so adoption after a crash is nothing special.
 *
 * What kills whom, and what comes of it:
 * - the task: its supervisor records the exit; seen at once.
 * - its supervisor: the task goes on and is found to be an orphan within 30 s; from then on looked at each second; when it ends it is `lost:
 *   supervisor-killed`, and what it left behind is killed.
 * - both: `lost: supervisor-killed`, within 30 s (or at the next list).
 * - a supervisor before its task ran: `lost: failed-start`; the task is barred from running.
 * - the machine: `lost: reboot`, told by the boot id.
 * - Drover: nothing; the next one reads what happened meanwhile.
 */
export class Observer {
  readonly tasks = new Map<string, Task>();
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #log: DriverLog;
  readonly #feed: EventFeed;
  readonly #hooks: ObserverHooks;
  readonly #bootId = bootId();
  readonly #byKey = new Map<string, Task>();
  /** Tasks without anybody who would tell of their next change. */
  readonly #unsettled = new Set<Task>();
  #cancelPoll: (() => void) | undefined;
  #cancelSweep: () => void = () => {};
  #sweptAtMs = -Infinity;
  #closed = false;

  constructor(init: { layout: Layout; clock: Clock; log: DriverLog; feed: EventFeed; hooks: ObserverHooks }) {
    this.#layout = init.layout;
    this.#clock = init.clock;
    this.#log = init.log;
    this.#feed = init.feed;
    this.#hooks = init.hooks;
    this.#sweepLater();
  }

  add(task: Task): void {
    this.tasks.set(task.id, task);
    this.#byKey.set(task.key, task);
    this.#unsettled.add(task);
    this.#pollLater();
  }

  /** Drops a task from memory. */
  forget(task: Task): void {
    this.tasks.delete(task.id);
    this.#byKey.delete(task.key);
    this.#unsettled.delete(task);
  }

  /** A file appeared or changed in the state directory. */
  onStateFile(name: string): void {
    const dot = name.lastIndexOf('.');
    const task = this.#byKey.get(name.slice(0, dot));
    if (!task || !isLive(task) || this.#closed) return;
    const suffix = name.slice(dot + 1);
    if (suffix === 'exit' || (suffix === 'run' && task.state.phase === 'starting')) this.examine(task);
  }

  /** Gathers the facts about a live task and acts on them. What cannot be read now (too many open files) is read at the next look. */
  examine(task: Task): void {
    try {
      this.#examine(task);
    } catch (error) {
      this.#log.warn({ error, task: task.id }, 'cannot look at a task');
      this.#unsettled.add(task);
      this.#pollLater();
    }
  }

  #examine(task: Task): void {
    const claim = readRecord(join(task.dir, 'claim'));
    const run = readRecord(this.#statePath(task, 'run'));
    const claimRecord = claim && parseClaim(claim.text);
    const runRecord = run && parseRun(run.text);
    const supervisor =
      runRecord?.type === 'run' ? runRecord.supervisor : claimRecord?.type === 'claimed' ? claimRecord.supervisor : undefined;
    const supervisorAlive = supervisor !== undefined && isAlive(supervisor);
    const taskAlive = runRecord?.type === 'run' && isAlive(runRecord.task);
    // Read last: a supervisor that was found dead after it wrote this has done its work.
    const exit = readRecord(this.#statePath(task, 'exit'));
    task.supervisor = supervisor;
    const verdict = judge({
      sameBoot: [task.record.bootId, claim && bootOf(claim.text), run && bootOf(run.text)].includes(this.#bootId),
      claim: claimRecord,
      run: runRecord,
      exit: exit && parseExit(exit.text),
      supervisorAlive,
      taskAlive,
      quietMs: this.#clock.now() - Math.max(claim?.atMs ?? 0, run?.atMs ?? 0),
    });
    if (verdict.type === 'lost' && runRecord?.type === 'run') task.process = runRecord.task;
    this.#apply(task, verdict, exit?.atMs);
  }

  /**
   * Looks at all live tasks: whether their supervisors live, and whether records are there that no event told of. At most once a second,
   * unless `force`.
   */
  async sweep(force = false): Promise<void> {
    const nowMs = this.#clock.monotonic();
    if (!force && nowMs - this.#sweptAtMs < POLL_MS) return;
    this.#sweptAtMs = nowMs;
    const names = new Set(await readdir(this.#layout.state));
    for (const task of this.tasks.values()) {
      if (this.#closed) return;
      if (!isLive(task) || task.state.phase === 'starting') continue;
      if (names.has(`${task.key}.exit`) || !task.supervisor || !isAlive(task.supervisor)) this.examine(task);
    }
    this.#pollUnsettled();
  }

  /** Stops looking; idempotent. */
  close(): void {
    this.#closed = true;
    this.#cancelPoll?.();
    this.#cancelSweep();
  }

  #apply(task: Task, verdict: Verdict, exitAtMs: number | undefined): void {
    switch (verdict.type) {
      case 'ended':
        return this.#finish(task, endState(task, verdict.exit, exitAtMs ?? this.#clock.now()));
      case 'lost':
        return this.#lose(task, verdict.why);
      case 'running': {
        const { pid, startTime, orphan } = verdict;
        task.process = { pid, startTime };
        if (orphan && !task.orphan) {
          this.#log.warn(
            { task: task.id, label: task.record.label, pid },
            'the supervisor of a task was killed; the task goes on, its exit code will be unknown',
          );
        }
        task.orphan = orphan;
        if (orphan) this.#unsettled.add(task);
        else this.#unsettled.delete(task);
        if (task.state.phase !== 'running') {
          this.#become(task, { id: task.id, phase: 'running', startedAtMs: task.record.startedAtMs, pid });
          this.#hooks.running(task);
        }
        return this.#pollLater();
      }
      case 'wait':
        return this.#pollLater();
      case 'spawn':
        this.#hooks.spawn(task);
        return this.#pollLater();
      case 'void':
        return this.#void(task);
      case 'forget':
        this.forget(task);
        this.#hooks.withdrawn(task);
    }
  }

  /** Bars a task whose supervisor died from ever running; when it was quicker, it runs. */
  #void(task: Task): void {
    try {
      const file = openSync(this.#statePath(task, 'run'), 'wx', 0o600);
      try {
        writeSync(file, VOID);
      } finally {
        closeSync(file);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') this.#log.warn({ error, task: task.id }, 'cannot bar a task from running');
      return this.#pollLater();
    }
    this.#lose(task, 'failed-start');
  }

  #lose(task: Task, why: LostReason): void {
    const { startedAtMs } = task.record;
    const finishedAtMs = Math.max(startedAtMs, why === 'reboot' ? bootTimeMs() : this.#clock.now());
    if (why === 'supervisor-killed') this.#killLeftovers(task);
    this.#log.warn({ task: task.id, label: task.record.label, why }, 'a task ended and nobody saw how');
    // So that every later Drover gives the same answer; without it, it would find out again.
    // Not later: a remove that follows must find it.
    try {
      writeFileSync(join(task.dir, 'exit'), lostText(why, finishedAtMs), { mode: 0o600 });
      renameSync(join(task.dir, 'exit'), this.#statePath(task, 'exit'));
    } catch (error) {
      this.#log.warn({ error, task: task.id }, 'cannot record the end of a task');
    }
    this.#finish(task, { id: task.id, phase: 'lost', startedAtMs, finishedAtMs, why });
  }

  #killLeftovers(task: Task): void {
    if (!task.process || !sendSignal(-task.process.pid, 0)) return;
    for (const pid of sessionMembers(task.process.pid, `${TASK_MARKER}=${task.id}`)) sendSignal(pid, 'SIGKILL');
  }

  #finish(task: Task, state: TaskState): void {
    if (!isLive(task)) return;
    this.#unsettled.delete(task);
    this.#become(task, state);
    this.#hooks.ended(task);
    for (const listener of task.endListeners) listener();
    task.endListeners.clear();
  }

  #become(task: Task, state: TaskState): void {
    task.state = state;
    this.#feed.publish({ type: 'task', task: state });
  }

  #pollLater(): void {
    if (this.#cancelPoll || this.#closed || this.#unsettled.size === 0) return;
    this.#cancelPoll = this.#clock.after(POLL_MS, () => {
      this.#cancelPoll = undefined;
      this.#pollUnsettled();
      this.#pollLater();
    });
  }

  #pollUnsettled(): void {
    const settledBefore = this.#clock.now() - SETTLE_MS;
    for (const task of this.#unsettled) if (task.orphan || task.record.startedAtMs < settledBefore) this.examine(task);
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#clock.after(SWEEP_MS, () => {
      void this.sweep(true)
        .catch((error: unknown) => this.#log.warn({ error }, 'cannot look at the tasks'))
        .finally(() => !this.#closed && this.#sweepLater());
    });
  }

  #statePath(task: Task, suffix: 'run' | 'exit'): string {
    return join(this.#layout.state, `${task.key}.${suffix}`);
  }
}

function endState(task: Task, exit: Exclude<ExitRecord, { type: 'partial' }>, recordedAtMs: number): TaskState {
  const { id, startedAtMs } = task.record;
  const finishedAtMs = Math.max(startedAtMs, recordedAtMs);
  if (exit.type === 'lost') return { id, phase: 'lost', startedAtMs, finishedAtMs: exit.atMs ?? finishedAtMs, why: exit.why };
  const end = { id, phase: 'exited', startedAtMs, finishedAtMs, exitCode: exit.status } as const;
  return exit.signalled ? { ...end, signal: exit.status - 128 } : end;
}
