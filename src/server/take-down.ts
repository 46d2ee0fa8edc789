import { existsSync, rmSync } from 'node:fs';
import { systemClock } from '../base/clock.ts';
import { DroverError, hasCode } from '../base/errors.ts';
import { openProcessDriver } from '../drivers/process/process-driver.ts';
import { createLog } from '../observe/log.ts';
import { isAlive } from './background.ts';
import { lockHome, type HomeLock } from './home-lock.ts';
import { prepareHome, type Home } from './home.ts';
import { readServerRecord, removeServerRecord } from './server-record.ts';

/** How long a task may take to end after SIGTERM. */
const GRACE_MS = 30_000;

/**
 * Stops the server of a home, then every task of it, and waits until all have ended; with `purge` deletes the home. What is wanted stays recorded, so the
 * next start brings everything back. Safe to interrupt and to repeat. Throws `conflict` when another process took the home meanwhile.
 */
export async function takeDown(
  home: Home,
  options: { purge: boolean; onProgress: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  const { onProgress, signal } = options;
  if (!existsSync(home.dir)) return onProgress(`nothing runs: ${home.dir} does not exist`);
  prepareHome(home);
  const { lock, stopped } = await lockStopped(home, onProgress, signal);
  try {
    removeServerRecord(home);
    const tasks = await stopTasks(home, onProgress, signal);
    if (options.purge) {
      rmSync(home.dir, { recursive: true, force: true });
      onProgress(`deleted ${home.dir}`);
    } else if (!stopped && tasks === 0) {
      onProgress(`nothing runs; data and records are kept in ${home.dir}`);
    } else {
      onProgress(`all is stopped; data and records are kept in ${home.dir}, the next start of the server brings everything back`);
    }
  } finally {
    lock.release();
  }
}

/** Takes the lock, ending the server that holds it. A recorded process without the lock is no server: its number may be another program's by now. */
async function lockStopped(
  home: Home,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<{ lock: HomeLock; stopped: boolean }> {
  try {
    return { lock: lockHome(home), stopped: false };
  } catch (error) {
    const record = readServerRecord(home);
    if (!hasCode(error, 'conflict') || record === undefined || !isAlive(record.pid)) throw error;
    onProgress(`stopping the server (process ${record.pid})`);
    process.kill(record.pid, 'SIGTERM');
    await until(() => !isAlive(record.pid), signal);
    return { lock: lockHome(home), stopped: true };
  }
}

/** Resolves with how many tasks there were to stop. */
async function stopTasks(home: Home, onProgress: (line: string) => void, signal: AbortSignal): Promise<number> {
  const log = createLog({ level: 'error' });
  const driver = await openProcessDriver({ dir: home.tasks, clock: systemClock, log });
  try {
    const live = async () => (await driver.list()).filter((task) => task.phase === 'running' || task.phase === 'starting');
    const tasks = await live();
    if (tasks.length === 0) return 0;
    onProgress(`stopping ${tasks.length} task${tasks.length === 1 ? '' : 's'} (SIGTERM, after ${GRACE_MS / 1000} s SIGKILL)`);
    for (const task of tasks) await driver.stop(task.id, GRACE_MS);
    let left = tasks.length;
    await until(async () => {
      const count = (await live()).length;
      if (count < left) onProgress(`${count} left`);
      left = count;
      return count === 0;
    }, signal);
    return tasks.length;
  } finally {
    await driver.close();
  }
}

async function until(done: () => boolean | Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!(await done())) {
    if (signal.aborted) throw new DroverError('timeout', 'interrupted; run drover down again to finish');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
