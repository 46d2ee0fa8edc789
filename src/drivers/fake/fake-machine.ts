import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import { createEventFeed, type EventFeed } from '../event-feed.ts';
import type { ExecResult, TaskConfig, TaskState } from '../driver.ts';
import type { Program } from '../program.ts';
import { createFakeTask, type FakeTask } from './fake-task.ts';

/** The verbs of the driver's contract that a hook can see. */
export type FakeVerb = 'start' | 'stop' | 'list' | 'remove' | 'logs' | 'exec';

/** One place where a crash can be injected: before a call takes effect, or after it, before its caller learns of it. */
export interface FakePoint {
  /** Counts all points of this machine from 0. */
  readonly index: number;
  readonly verb: FakeVerb;
  readonly moment: 'before' | 'after';
  readonly id: string | undefined;
}

/** One call of a verb. `effect`: it changed something on the machine (a repeated start does not). */
export interface FakeCall {
  readonly atMs: number;
  readonly verb: FakeVerb;
  readonly id: string | undefined;
  effect: boolean;
}

/** How a fake machine behaves; everything by default at once and without fault. */
export interface FakeMachineOptions {
  readonly clock: Clock;
  /** Seed of the delays (default 1); the same seed and calls give the same run. */
  readonly seed?: number;
  /** Least and greatest time from start to running, ms (default 0, 0). */
  readonly startDelayMs?: readonly [number, number];
  /** Least and greatest time from SIGTERM to the end, ms (default 0, 0). */
  readonly stopDelayMs?: readonly [number, number];
  /** What a task does (default: it runs until it is stopped). A command `program <JSON of a Program>` says it itself. */
  readonly program?: (task: TaskConfig) => Program;
  /** Answers exec (default: exit code 0, no output). Commands `program <JSON>` are played instead. */
  readonly exec?: (task: TaskConfig, command: readonly string[]) => ExecResult;
}

/**
 * A machine in memory that outlives its drivers, as real tasks outlive the process that started them. Tests and the simulator act on it
 * (`exit`, `kill`, `lose`, `reboot`, `failNextStart`), look at it (`tasks`, `history`, `liveByPod`, `violations`) and crash its user
 * (`hook`).
 */
export interface FakeMachine {
  readonly clock: Clock;
  /** Called at every point; what it throws comes out of the driver's call. */
  hook: ((point: FakePoint) => void) | undefined;
  readonly history: readonly FakeCall[];
  /** Broken invariants, each a sentence. Empty, or somebody has a bug: an id run twice, two live incarnations of a pod, a live task forgotten. */
  readonly violations: readonly string[];
  /** Files outside the tasks' directories (volumes): absolute path -> text. */
  readonly disk: Map<string, string>;
  /** All tasks that were started and not removed. */
  tasks(): readonly { readonly config: TaskConfig; readonly state: TaskState }[];
  /** Live tasks (starting or running) by pod, `<namespace>/<name>` as the label has it. */
  liveByPod(): ReadonlyMap<string, readonly TaskState[]>;
  /** A running task ends by itself. Throws `not-found` when it does not run. */
  exit(id: string, exitCode: number): void;
  /** A signal ends a running task (default SIGKILL). Throws `not-found` when it does not run. */
  kill(id: string, signal?: number): void;
  /** A running task ends together with whoever watched it: `lost: supervisor-killed`. Throws `not-found` when it does not run. */
  lose(id: string): void;
  /** A running task writes a line. Throws `not-found` when it does not run. */
  print(id: string, text: string): void;
  /** The next call of start is refused, with `unavailable` or the error given. Calls add up. */
  failNextStart(error?: Error): void;
  /** The next task that is started never comes to run: `lost: failed-start`. Calls add up. */
  loseNextStart(): void;
  /** All that lives is lost, drivers included. */
  reboot(): void;
  /** For the driver over this machine. */
  readonly internals: FakeInternals;
}

/** What the fake driver uses of its machine. */
export interface FakeInternals {
  readonly taskById: Map<string, FakeTask>;
  /** Makes the caller the machine's only driver; the one before it is cut off, as by a crash. */
  attach(): { feed: EventFeed; attached: () => boolean; detach: () => void };
  /** Notes a call, gives its record. Runs the hook `before`. */
  enter(verb: FakeVerb, id: string | undefined): FakeCall;
  /** Runs the hook `after`. */
  leave(call: FakeCall): void;
  /** Brings a task to life; the caller has checked that its id is new. */
  start(config: TaskConfig): void;
  stop(task: FakeTask, graceMs: number): void;
  remove(task: FakeTask): void;
  exec(task: FakeTask, command: readonly string[]): { result: ExecResult; tookMs: number };
}

/** A new machine without tasks. */
export function createFakeMachine(options: FakeMachineOptions): FakeMachine {
  const { clock } = options;
  const random = seededRandom(options.seed ?? 1);
  const taskById = new Map<string, FakeTask>();
  const everStarted = new Set<string>();
  const history: FakeCall[] = [];
  const violations: string[] = [];
  const startFaults: (Error | 'lose')[] = [];
  let current: EventFeed | undefined;
  let points = 0;
  let nextPid = 1000;

  const machine: FakeMachine = {
    clock,
    hook: undefined,
    history,
    violations,
    disk: new Map(),
    tasks: () => [...taskById.values()].map((task) => ({ config: task.config, state: task.state })),
    liveByPod() {
      const pods = new Map<string, TaskState[]>();
      for (const task of taskById.values()) {
        if (!task.live()) continue;
        const pod = podOf(task.config);
        pods.set(pod, [...(pods.get(pod) ?? []), task.state]);
      }
      return pods;
    },
    exit: (id, exitCode) => running(id).end({ exitCode }),
    kill: (id, signal = 9) => running(id).end({ exitCode: 128 + signal, signal }),
    lose: (id) => running(id).lose('supervisor-killed'),
    print: (id, text) => running(id).print(text),
    failNextStart(error) {
      startFaults.push(error ?? new DroverError('unavailable', 'The fake machine is out of processes.', { retryAfterSeconds: 5 }));
    },
    loseNextStart() {
      startFaults.push('lose');
    },
    reboot() {
      current?.end();
      current = undefined;
      for (const task of taskById.values()) if (task.live()) task.lose('reboot');
    },
    internals: {
      taskById,
      attach() {
        current?.end();
        const feed = createEventFeed();
        current = feed;
        for (const task of taskById.values()) task.killWhenOverdue();
        return {
          feed,
          attached: () => current === feed,
          detach() {
            feed.end();
            if (current === feed) current = undefined;
          },
        };
      },
      enter(verb, id) {
        const call: FakeCall = { atMs: clock.now(), verb, id, effect: false };
        history.push(call);
        machine.hook?.({ index: points++, verb, moment: 'before', id });
        return call;
      },
      leave(call) {
        machine.hook?.({ index: points++, verb: call.verb, moment: 'after', id: call.id });
      },
      start,
      stop(task, graceMs) {
        task.stop(graceMs, between(options.stopDelayMs), () => current !== undefined);
      },
      remove(task) {
        if (task.live()) violations.push(`${task.config.id} was removed while it lived.`);
        taskById.delete(task.config.id);
      },
      exec(task, command) {
        const program = programIn(command);
        if (program) return task.play(program);
        return { result: options.exec?.(task.config, command) ?? { exitCode: 0, output: '', timedOut: false }, tookMs: 0 };
      },
    },
  };
  return machine;

  function start(config: TaskConfig): void {
    const fault = startFaults.shift();
    if (fault instanceof Error) throw fault;
    if (everStarted.has(config.id)) violations.push(`${config.id} was started twice.`);
    everStarted.add(config.id);
    for (const other of taskById.values()) {
      if (!other.live() || podOf(other.config) !== podOf(config)) continue;
      if (uidOf(other.config) !== uidOf(config)) {
        violations.push(`${podOf(config)}: ${config.id} was started while ${other.config.id} of another incarnation lived.`);
      } else if (other.config.id.slice(0, other.config.id.lastIndexOf('/')) === config.id.slice(0, config.id.lastIndexOf('/'))) {
        violations.push(`${podOf(config)}: ${config.id} was started while its earlier attempt ${other.config.id} lived.`);
      }
    }
    const task = createFakeTask({
      config,
      clock,
      disk: machine.disk,
      program: programIn(config.command) ?? options.program?.(config) ?? [{ do: 'wait' }],
      changed: (state) => current?.publish({ type: 'task', task: state }),
    });
    taskById.set(config.id, task);
    current?.publish({ type: 'task', task: task.state });
    if (fault === 'lose') task.lose('failed-start');
    else task.runAfter(between(options.startDelayMs), nextPid++);
  }

  function running(id: string): FakeTask {
    const task = taskById.get(id);
    if (task?.state.phase !== 'running') throw new DroverError('not-found', `Task ${id} does not run on the fake machine.`);
    return task;
  }

  function between(range: readonly [number, number] | undefined): number {
    if (!range) return 0;
    return range[0] + Math.floor(random() * (range[1] - range[0] + 1));
  }
}

function podOf(config: TaskConfig): string {
  return config.label.split(' ')[0] ?? config.label;
}

function uidOf(config: TaskConfig): string {
  return config.id.split('/')[0] ?? config.id;
}

function programIn(command: readonly string[]): Program | undefined {
  return command[0] === 'program' && command[1] !== undefined ? (JSON.parse(command[1]) as Program) : undefined;
}

/** mulberry32: a small generator, good enough for delays. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
