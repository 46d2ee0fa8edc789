import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DroverError } from '../../base/errors.ts';
import { clearError } from './layout.ts';

/** Environment variables of Drover that tasks inherit, where they do not set them: nothing that is Drover's own business. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** The environment that tasks find besides their own. */
export function baseEnvironment(): Record<string, string> {
  const entries = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...Object.fromEntries(entries) };
}

interface Request {
  readonly key: string;
  resolve: () => void;
  reject: (error: unknown) => void;
  retried: boolean;
}

/**
 * Owns the one shell that forks supervisors. It is started at the first need and again when it has died; what it had not answered then is asked
 * of the new one, which is safe since supervisors claim. An older spawner of a Drover that was killed may still work off its input: harmless too.
 */
export class Spawner {
  readonly #root: string;
  readonly #waiting = new Map<string, Request>();
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closed = false;

  /** `root` is the driver's directory. */
  constructor(root: string) {
    this.#root = root;
  }

  /** The pid of the shell; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** True while an answer for this task is outstanding. */
  isWaitingFor(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Forks a supervisor for a recorded task. Throws `unavailable`: the machine has no process left; then the task may or may not have one. */
  spawn(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = { key, resolve, reject, retried: false };
      this.#waiting.set(key, request);
      this.#ask(request);
    });
  }

  /** Ends the shell after what it was asked; tasks and supervisors go on. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#child?.stdin?.end();
    await this.#ended;
  }

  #ask(request: Request): void {
    if (this.#closed) return this.#settle(request.key, new DroverError('unavailable', 'The process driver is closed.'));
    this.#child ??= this.#launch();
    this.#child?.stdin?.write(`${request.key}\n`);
  }

  #launch(): ChildProcess | undefined {
    const child = spawn('/bin/sh', [`${this.#root}/bin/supervise`, this.#root], {
      cwd: '/',
      detached: true,
      env: baseEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#ended = new Promise((resolve) => {
      let done = false;
      const onEnd = (error?: unknown) => {
        if (done) return;
        done = true;
        if (this.#child === child) this.#child = undefined;
        this.#askAgain(error);
        resolve();
      };
      child.once('error', onEnd);
      child.once('close', () => onEnd());
    });
    // A write to a shell that has died fails here; `close` follows and deals with it.
    child.stdin?.on('error', () => {});
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const key = line.slice(1);
        this.#settle(key, line.startsWith('+') ? undefined : noProcess(key));
      });
    }
    return child;
  }

  #askAgain(error: unknown): void {
    for (const request of this.#waiting.values()) {
      if (request.retried || this.#closed) {
        this.#settle(
          request.key,
          error instanceof Error ? clearError(`start a supervisor for ${request.key}`, error) : noProcess(request.key),
        );
      } else {
        request.retried = true;
        this.#ask(request);
      }
    }
  }

  #settle(key: string, error?: unknown): void {
    const request = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (error === undefined) request?.resolve();
    else request?.reject(error);
  }
}

function noProcess(key: string): DroverError {
  return new DroverError(
    'unavailable',
    `Could not fork a supervisor for task ${decodeURIComponent(key)}: the machine has no more processes.`,
    {
      retryAfterSeconds: 10,
    },
  );
}
