import { spawn } from 'node:child_process';

const ROOT = new URL('../..', import.meta.url).pathname;

/** What a command left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell line in which `drover` is `./drover` over `home`, without a terminal, to its end. `env` adds to the environment. */
export function shell(home: string, line: string, options: { input?: string; env?: Record<string, string> } = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const script = `drover() { "${ROOT}drover" "$@"; }\n${line}`;
    const child = spawn('sh', ['-c', script], { cwd: ROOT, env: { ...process.env, ...options.env, DROVER_HOME: home } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}
