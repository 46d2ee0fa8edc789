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

/** Pids of the spawner (a session leader) and of the supervisors that work in a driver's directory. */
export function processesOf(dir: string, role: 'spawner' | 'supervisor' | 'any' = 'any'): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const program = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1];
        if (program !== `${dir}/bin/supervise`) return false;
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const isLeader = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[4]) === pid;
        return role === 'any' || isLeader === (role === 'spawner');
      } catch {
        return false;
      }
    });
}
