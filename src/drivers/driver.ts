/**
 * The driver's contract: it runs tasks on one machine. A task is one container of one Pod; `id` (`<pod uid>/<container>/<attempt>`) names one
 * execution for ever, and is the idempotency key of every verb. Tasks outlive the process that started them. Every implementation passes
 * `conformance.ts`.
 */
export interface Driver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  /**
   * Starts a task; resolves once that is recorded on disk, not when it runs. Starting an id that was started before is a no-op, also after a
   * crash in between. Throws `invalid` (unusable config), `unavailable` (machine out of processes, disk full).
   */
  start(task: TaskConfig): Promise<void>;
  /** Asks a task to end: SIGTERM, after `graceMs` SIGKILL, to its whole process group. Returns at once; the end comes as an event. No-op when ended or unknown. */
  stop(id: string, graceMs: number): Promise<void>;
  /** Every task that has been started and not removed, as found now; the first call after start-up adopts what earlier processes left. */
  list(): Promise<readonly TaskState[]>;
  /** State changes from now on, until the signal aborts. After an overflow of its bounded buffer it yields `{type: 'resync'}`: call list. */
  events(signal: AbortSignal): AsyncIterable<DriverEvent>;
  /** Forgets an ended task and deletes its directory and logs. Throws `conflict` while it runs. No-op when unknown. */
  remove(id: string): Promise<void>;
  /** Log text of a task (stdout and stderr as they came). Ends with the task's end or at what is there, as `follow` says. Throws `not-found`. */
  logs(id: string, options: LogOptions, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Runs a command in the task's directory and environment (exec probes); output cut at 4 KiB. Throws `not-found` when the task does not run. */
  exec(id: string, command: readonly string[], options: { timeoutMs: number; signal: AbortSignal }): Promise<ExecResult>;
  /** Stops watching and spawning; tasks go on. Idempotent. */
  close(): Promise<void>;
}

export interface DriverCapabilities {
  /** True when each task has a network of its own (ports need not be unique on the machine). */
  readonly ownNetwork: boolean;
}

export interface TaskConfig {
  readonly id: string;
  /** For people and logs: `default/kafka-1 broker`. */
  readonly label: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Files to write into the task's directory before it starts: relative path, text, mode (default 0o600). */
  readonly files: readonly { readonly path: string; readonly text: string; readonly mode?: number }[];
  /** Directories to show inside the task's directory: relative path -> absolute path on the machine. */
  readonly mounts: readonly { readonly path: string; readonly target: string; readonly readOnly?: boolean }[];
  /** Working directory relative to the task's directory; default the directory itself. */
  readonly workingDir?: string;
  /** Bytes of log kept: the running file and one older are each cut at half of it. */
  readonly maxLogBytes?: number;
}

/**
 * `starting`: recorded, not seen running yet. `exited.exitCode`: as a shell gives it for `exit`; for a signal 128 + number and `signal` set.
 * `lost`: it ended and nobody saw how (supervisor killed with it, power loss, reboot of the machine).
 */
export type TaskState =
  | { readonly id: string; readonly phase: 'starting'; readonly startedAtMs: number }
  | { readonly id: string; readonly phase: 'running'; readonly startedAtMs: number; readonly pid: number }
  | {
      readonly id: string;
      readonly phase: 'exited';
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
      readonly exitCode: number;
      readonly signal?: number;
    }
  | {
      readonly id: string;
      readonly phase: 'lost';
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
      readonly why: 'reboot' | 'supervisor-killed' | 'failed-start';
    };

export type DriverEvent = { readonly type: 'task'; readonly task: TaskState } | { readonly type: 'resync' };

export interface LogOptions {
  readonly follow?: boolean;
  /** Only the last so many lines. */
  readonly tailLines?: number;
  /** Only lines seen at or after this time. */
  readonly sinceMs?: number;
}

/** One line without its newline; `atMs` is when Drover saw it (for lines written while Drover was down: interpolated, see docs). */
export interface LogLine {
  readonly text: string;
  readonly atMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly output: string;
  readonly timedOut: boolean;
}
