import { posix } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { ExecResult, LogLine, TaskConfig, TaskState } from '../driver.ts';
import type { Program, Step } from '../program.ts';

/** One task of a fake machine: plays its program, obeys signals, keeps its log. */
export interface FakeTask {
  readonly config: TaskConfig;
  readonly state: TaskState;
  readonly log: readonly LogLine[];
  live(): boolean;
  /** Becomes running after `delayMs` and plays its program. */
  runAfter(delayMs: number, pid: number): void;
  end(how: { exitCode: number; signal?: number }): void;
  lose(why: 'reboot' | 'supervisor-killed' | 'failed-start'): void;
  /** SIGTERM now (it takes `delayMs` to end), SIGKILL at the deadline. A later stop can only bring the deadline nearer. */
  stop(graceMs: number, delayMs: number, hasDriver: () => boolean): void;
  /** What a new driver does first: SIGKILL when the deadline passed while there was none. */
  killWhenOverdue(): void;
  print(text: string): void;
  /** Plays a program beside the task, in its directory: what exec does. */
  play(program: Program): { result: ExecResult; tookMs: number };
  /** Calls back at each new line and at the end; the returned function ends that. */
  onLog(callback: () => void): () => void;
}

/** A task that is recorded and not yet running. `changed` is called at each change of state. */
export function createFakeTask(init: {
  config: TaskConfig;
  clock: Clock;
  disk: Map<string, string>;
  program: Program;
  changed: (state: TaskState) => void;
}): FakeTask {
  const { config, clock, disk } = init;
  const startedAtMs = clock.now();
  const files = new Map(config.files.map((file) => [file.path, file.text]));
  const log: LogLine[] = [];
  const listeners = new Set<() => void>();
  const timers = new Set<() => void>();
  let state: TaskState = { id: config.id, phase: 'starting', startedAtMs };
  let ignoresTerm = false;
  let killAtMs = Infinity;
  let cancelKill = () => {};

  const task: FakeTask = {
    config,
    get state() {
      return state;
    },
    log,
    live: () => state.phase === 'starting' || state.phase === 'running',
    runAfter(delayMs, pid) {
      later(delayMs, () => {
        become({ id: config.id, phase: 'running', startedAtMs, pid });
        proceed(init.program);
      });
    },
    end(how) {
      finish({ id: config.id, phase: 'exited', startedAtMs, finishedAtMs: clock.now(), ...how });
    },
    lose(why) {
      finish({ id: config.id, phase: 'lost', startedAtMs, finishedAtMs: clock.now(), why });
    },
    stop(graceMs, delayMs, hasDriver) {
      if (!task.live()) return;
      if (!ignoresTerm) later(delayMs, () => task.end({ exitCode: 143, signal: 15 }));
      if (!task.live() || clock.now() + graceMs >= killAtMs) return;
      killAtMs = clock.now() + graceMs;
      cancelKill();
      cancelKill = later(graceMs, () => hasDriver() && task.killWhenOverdue());
    },
    killWhenOverdue() {
      if (task.live() && clock.now() >= killAtMs) task.end({ exitCode: 137, signal: 9 });
    },
    print(text) {
      log.push({ text, atMs: clock.now() });
      for (const listener of listeners) listener();
    },
    play(program) {
      const lines: string[] = [];
      let tookMs = 0;
      let exitCode = 0;
      for (const step of program) {
        if (step.do === 'exit') {
          exitCode = step.code;
          break;
        }
        if (step.do === 'die') {
          exitCode = 128 + step.signal;
          break;
        }
        if (step.do === 'sleep') tookMs += step.ms;
        else if (step.do === 'wait') tookMs = Infinity;
        else act(step, (text) => lines.push(text));
      }
      return { result: { exitCode, output: lines.map((line) => `${line}\n`).join(''), timedOut: false }, tookMs };
    },
    onLog(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  return task;

  function proceed(program: Program): void {
    for (const [i, step] of program.entries()) {
      if (step.do === 'wait') return;
      if (step.do === 'exit') return task.end({ exitCode: step.code });
      if (step.do === 'die') return task.end({ exitCode: 128 + step.signal, signal: step.signal });
      if (step.do === 'sleep') {
        later(step.ms, () => proceed(program.slice(i + 1)));
        return;
      }
      act(step, task.print);
    }
    task.end({ exitCode: 0 });
  }

  function act(step: Exclude<Step, { do: 'wait' | 'exit' | 'die' | 'sleep' }>, print: (text: string) => void): void {
    switch (step.do) {
      case 'print':
        return print(step.text);
      case 'print-env':
        return print(config.env[step.name] ?? '');
      case 'print-file': {
        const { map, path } = locate(step.path);
        return print(map.get(path) ?? `no such file: ${step.path}`);
      }
      case 'print-directory':
        return print(posix.basename(config.workingDir ?? '.'));
      case 'write-file': {
        const { map, path } = locate(step.path);
        map.set(path, step.text);
        return;
      }
      case 'ignore-term':
        ignoresTerm = true;
    }
  }

  function locate(path: string): { map: Map<string, string>; path: string } {
    const inTask = posix.join(config.workingDir ?? '.', path);
    for (const mount of config.mounts) {
      if (inTask.startsWith(`${mount.path}/`)) return { map: disk, path: mount.target + inTask.slice(mount.path.length) };
    }
    return { map: files, path: inTask };
  }

  function later(delayMs: number, callback: () => void): () => void {
    if (delayMs <= 0) {
      callback();
      return () => {};
    }
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
    return cancel;
  }

  function become(next: TaskState): void {
    state = next;
    init.changed(next);
  }

  function finish(next: TaskState): void {
    if (!task.live()) return;
    for (const cancel of timers) cancel();
    timers.clear();
    become(next);
    for (const listener of listeners) listener();
  }
}
