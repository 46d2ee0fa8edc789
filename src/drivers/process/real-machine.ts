import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, sendSignal } from './proc.ts';
import { parseRun } from './records.ts';

/** For tests and benchmarks: kills all tasks of a driver's directory, then their supervisors, and waits until they are gone. */
export async function endAllTasks(dir: string): Promise<void> {
  for (const name of readdirSync(join(dir, 'state')).filter((file) => file.endsWith('.run'))) {
    const run = parseRun(await readFile(join(dir, 'state', name), 'utf8'));
    if (run.type === 'run' && isAlive(run.task)) sendSignal(-run.task.pid, 'SIGKILL');
  }
  for (let pids = processesOf(dir); pids.length > 0; pids = processesOf(dir)) {
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    await pause(10);
  }
}

/** Pids of the spawner and the supervisors that work in a driver's directory. */
export function processesOf(dir: string, program: 'spawn' | 'supervise' | 'any' = 'any'): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
        return words[1]?.startsWith(`${dir}/bin/`) && (program === 'any' || words[1].endsWith(`/${program}`));
      } catch {
        return false;
      }
    });
}
