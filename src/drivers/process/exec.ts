import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { ExecResult } from '../driver.ts';
import { clearError } from './layout.ts';
import { sendSignal } from './proc.ts';
import { baseEnvironment } from './spawner.ts';

/** Bytes of output that are kept; the rest is read and thrown away. */
const OUTPUT_BYTES = 4096;

/**
 * Runs a command as task `taskDir` would: its environment, its directory, a process group of its own, which is killed at the time-out, on abort,
 * and at the command's end. Throws `unavailable`, or the signal's reason.
 */
export function execInTask(
  taskDir: string,
  command: readonly string[],
  { timeoutMs, signal, clock }: { timeoutMs: number; signal: AbortSignal; clock: Clock },
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const child = spawn('/bin/sh', ['-c', '. ./run', 'exec', ...command], {
      cwd: taskDir,
      detached: true,
      env: baseEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let length = 0;
    let timedOut = false;
    let exitCode = 0;
    const killGroup = () => child.pid !== undefined && sendSignal(-child.pid, 'SIGKILL');
    const cancelTimeout = clock.after(timeoutMs, () => {
      timedOut = true;
      giveUp();
    });
    const onAbort = () => giveUp();
    signal.addEventListener('abort', onAbort, { once: true });

    /** Kills, and does not wait for what left the group with our pipes in its hands. */
    function giveUp(): void {
      killGroup();
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    function onData(chunk: Buffer): void {
      if (length < OUTPUT_BYTES) chunks.push(chunk);
      length += chunk.length;
    }
    function finish(error?: unknown): void {
      cancelTimeout();
      signal.removeEventListener('abort', onAbort);
      if (error !== undefined) return reject(clearError(`run ${command.join(' ')}`, error));
      if (signal.aborted) return reject(signal.reason);
      const output = Buffer.concat(chunks).subarray(0, OUTPUT_BYTES).toString('utf8');
      resolve({ exitCode: timedOut ? 137 : exitCode, output, timedOut });
    }

    // First: where no file descriptor is left there are no streams, and the error comes as an event.
    child.once('error', finish);
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    child.once('exit', (code, killedBy) => {
      exitCode = code ?? 128 + (killedBy ? constants.signals[killedBy] : 0);
      killGroup();
    });
    child.once('close', () => finish());
  });
}
