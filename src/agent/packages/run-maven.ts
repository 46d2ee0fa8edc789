import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import { failureText } from './maven-output.ts';

/** Output kept for the reason of a failure, lines. */
const KEPT_LINES = 2000;
/** mvn that says nothing for so long is taken for hung: its own limit for a stalled download is half an hour. */
const SILENCE_MS = 5 * 60_000;
const KILL_AFTER_MS = 3000;

/**
 * Runs mvn with the user's own settings, each line to `onLine`. Throws `unavailable` with one line that says why and what to do. When aborted it ends
 * mvn with all its children and rejects with the signal's reason.
 */
export async function runMaven(
  args: readonly string[],
  options: { readonly label: string; readonly clock: Clock; readonly signal: AbortSignal; readonly onLine: (line: string) => void },
): Promise<void> {
  const { label, clock, signal, onLine } = options;
  signal.throwIfAborted();
  const child = spawn('mvn', ['--batch-mode', '-Dstyle.color=never', ...args], { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const started = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new DroverError('unavailable', `${label} cannot be fetched: mvn does not start: ${cause.message}.`)),
    );
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await started;

  let cancelKill = () => {};
  const end = () => {
    signalGroup(child.pid!, 'SIGTERM');
    cancelKill = clock.after(KILL_AFTER_MS, () => signalGroup(child.pid!, 'SIGKILL'));
  };
  let silent = false;
  const onSilence = () => {
    silent = true;
    end();
  };
  let cancelSilence = clock.after(SILENCE_MS, onSilence);
  const output: string[] = [];
  const heard = (line: string) => {
    cancelSilence();
    cancelSilence = clock.after(SILENCE_MS, onSilence);
    output.push(line);
    if (output.length > KEPT_LINES) output.shift();
    onLine(line);
  };
  createInterface({ input: child.stdout }).on('line', heard);
  createInterface({ input: child.stderr }).on('line', heard);
  signal.addEventListener('abort', end, { once: true });
  try {
    const exitCode = await ended;
    signal.throwIfAborted();
    if (silent) {
      const text = `mvn has said nothing for ${SILENCE_MS / 60_000} minutes and was ended; check the network, or a proxy or mirror in ~/.m2/settings.xml`;
      throw new DroverError('unavailable', `${label} could not be fetched: ${text}.`);
    }
    if (exitCode !== 0) throw new DroverError('unavailable', `${label} could not be fetched: ${failureText(output)}.`);
  } finally {
    cancelSilence();
    cancelKill();
    signal.removeEventListener('abort', end);
  }
}

/** mvn is a shell script around a JVM: only its group reaches both. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in between.
  }
}
