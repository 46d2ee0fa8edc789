import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfigText } from './kubeconfig.ts';

/** What one run of kubectl said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A kubectl that talks to one server, with a folder of its own for caches and manifests. */
export interface Kubectl {
  readonly folder: string;
  /** Runs to its end. */
  run(args: readonly string[], options?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Said>;
  /** The output of a run that must succeed. */
  out(...args: readonly string[]): Promise<string>;
  /** Writes a manifest and returns its path. */
  file(name: string, text: string): Promise<string>;
  /** Starts one that goes on; `line` waits for the next line that matches. */
  start(...args: readonly string[]): Running;
  close(): Promise<void>;
}

/** A kubectl under way. */
export interface Running {
  /** Resolves with the first line, not yet taken, that matches. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when it has ended. */
  readonly ended: Promise<Said>;
  stop(): void;
}

/** Binds the program at `path` to a server. */
export async function bindKubectl(path: string, server: { readonly url: string; readonly token: string }): Promise<Kubectl> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kubectl-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText(server), { mode: 0o600 });
  const launch = (args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcessWithoutNullStreams =>
    spawn(path, ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'cache'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    });
  const running = new Set<ChildProcessWithoutNullStreams>();
  const kubectl: Kubectl = {
    folder,
    async run(args, { input = '', env = {} } = {}) {
      const child = launch(args, env);
      child.stdin.end(input);
      return ended(child);
    },
    async out(...args) {
      const { code, out, err } = await kubectl.run(args);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${err}${out}`);
      return out;
    },
    async file(name, text) {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    start(...args) {
      const child = launch(args);
      running.add(child);
      let rest = '';
      const lines: string[] = [];
      let wake = (): void => undefined;
      child.once('close', () => wake());
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (rest + chunk).split('\n');
        rest = parts.pop()!;
        lines.push(...parts);
        wake();
      });
      return {
        async line(pattern) {
          for (;;) {
            const index = lines.findIndex((line) => pattern.test(line));
            if (index >= 0) return lines.splice(0, index + 1).at(-1)!;
            if (child.exitCode !== null) throw new Error(`kubectl ${args.join(' ')} ended before it printed ${pattern}`);
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        },
        ended: ended(child),
        stop: () => void child.kill(),
      };
    },
    async close() {
      for (const child of running) child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  return kubectl;
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Said> {
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer | string) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer | string) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, out, err };
}
