import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** What a command left. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Drover of a test's own: the program as people start it, over a home directory that is gone afterwards. */
export interface TestDrover {
  readonly home: string;
  /** Runs `./drover ARGS…` to its end. */
  run(args: readonly string[], input?: string): Promise<Ran>;
  /** As run; throws with all output unless the exit code is 0. Resolves with stdout. */
  ok(args: readonly string[], input?: string): Promise<string>;
  /** `drover get … -o json`. */
  json<T>(args: readonly string[]): Promise<T>;
  /** Process id of the server. */
  serverPid(): number;
  /** kill -9 of the server; resolves when it is gone. */
  killServer(): Promise<void>;
  /** Starts a server and resolves when it answers. */
  startServer(): Promise<void>;
  /** Stops everything and deletes the home. */
  destroy(): Promise<void>;
}

/** A home of its own under the system's temporary directory. */
export function testDrover(): TestDrover {
  const dir = mkdtempSync(join(tmpdir(), 'drover-e2e-'));
  const home = join(dir, 'home');

  function run(args: readonly string[], input = ''): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(ROOT, 'drover'), [...args], { cwd: ROOT, env: { ...process.env, DROVER_HOME: home } });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (part: Buffer) => out.push(part));
      child.stderr.on('data', (part: Buffer) => err.push(part));
      child.on('error', reject);
      child.on('close', (code) =>
        resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
      );
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }

  const drover: TestDrover = {
    home,
    run,
    async ok(args, input) {
      const { code, stdout, stderr } = await run(args, input);
      if (code !== 0) throw new Error(`drover ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`);
      return stdout;
    },
    json: async <T>(args: readonly string[]) => JSON.parse(await drover.ok(['get', ...args, '-o', 'json'])) as T,
    serverPid: () => (JSON.parse(readFileSync(join(home, 'server.json'), 'utf8')) as { pid: number }).pid,
    async killServer() {
      const pid = drover.serverPid();
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid));
    },
    async startServer() {
      spawn(join(ROOT, 'drover'), ['server', '--listen', '127.0.0.1:0'], {
        cwd: ROOT,
        env: { ...process.env, DROVER_HOME: home },
        detached: true,
        stdio: 'ignore',
      }).unref();
      await until(async () => (await run(['get', 'namespaces', '-o', 'name'])).code === 0);
    },
    async destroy() {
      await run(['down', '--purge', '--yes']);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return drover;
}

/** True while a process of that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for a condition, looking five times a second; throws after `timeoutMs` (default two minutes). */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 120_000, what = 'the condition'): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`${what} did not come to hold within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
