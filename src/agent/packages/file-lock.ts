import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Takes the kernel's lock on `path` (made when absent) and returns its release. The lock also ends with this process, however that ends: it is held
 * by a `flock` child that lives as long as its standard input. Waits without limit; rejects with the signal's reason when aborted.
 */
export async function lockFile(path: string, signal: AbortSignal): Promise<() => Promise<void>> {
  signal.throwIfAborted();
  const child = spawn('flock', ['-x', path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const release = async () => {
    child.stdin.destroy();
    child.kill();
    await ended;
  };
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const gone = ended.then(() => Promise.reject(new Error(`flock could not lock ${path}`)));
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
  for (const loser of [failed, gone, aborted]) loser.catch(() => undefined);
  try {
    await Promise.race([once(child.stdout, 'data'), failed, gone, aborted]);
    return release;
  } catch (error) {
    await release();
    throw error;
  }
}
