/**
 * The process driver against the machine's own means, in the same run, rounds alternating and the best of each counting: 1,000 trivial tasks from
 * start to running against a shell loop that forks 1,000; a crash to its event, and to the next attempt running, against fork+exec; what 1,000
 * silent tasks cost. `node bench/process.ts`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import type { TaskConfig, TaskState } from '../src/drivers/driver.ts';
import { openProcessDriver } from '../src/drivers/process/process-driver.ts';
import { endAllTasks, processesOf } from '../src/drivers/process/real-machine.ts';
import { type BenchRow, printReport } from './report.ts';

const ROUNDS = 3;
const TASKS = 1_000;
const CRASHES = 30;
const FORKS = 20;
const IDLE_MS = 10_000;

const dir = mkdtempSync(join(tmpdir(), 'drover-bench-'));
const warn = (fields: object, message: string) => console.error(message, fields);
const driver = await openProcessDriver({ dir, clock: systemClock, log: { info() {}, warn } });
try {
  const crashRows = await benchCrash();
  printReport([...(await benchStart()), ...crashRows, await benchIdle()]);
} finally {
  await driver.close();
  await endAllTasks(dir);
  rmSync(dir, { recursive: true });
}

async function benchStart(): Promise<BenchRow[]> {
  const floors: number[] = [];
  const together: number[] = [];
  const oneByOne: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await shellLoop());
    together.push(await startAll(`together-${round}`, async (ids) => void (await Promise.all(ids.map((id) => driver.start(sleeper(id)))))));
    await endAll();
    oneByOne.push(
      await startAll(`single-${round}`, async (ids) => {
        for (const id of ids) await driver.start(sleeper(id));
      }),
    );
    // The last round's tasks stay for the idle measurement.
    if (round < ROUNDS - 1) await endAll();
  }
  const floorMs = Math.min(...floors);
  const result = (bench: string, measuredMs: number): BenchRow => ({
    bench,
    measured: seconds(measuredMs),
    floor: `shell loop: ${seconds(floorMs)}`,
    ratio: measuredMs / floorMs,
    goal: '<= 5',
    ok: measuredMs <= 5 * floorMs,
  });
  return [
    result(`${TASKS} tasks started together -> all running`, Math.min(...together)),
    result(`${TASKS} tasks started one by one -> all running`, Math.min(...oneByOne)),
  ];
}

async function benchCrash(): Promise<BenchRow[]> {
  const seenMs: number[] = [];
  const againMs: number[] = [];
  const floors: number[] = [];
  for (let i = 0; i < CRASHES; i++) {
    const first = until([`crash-${i}/main/0`], 'running');
    await driver.start(sleeper(`crash-${i}/main/0`));
    const [state] = await first;
    const ended = until([`crash-${i}/main/0`], 'exited');
    const again = until([`crash-${i}/main/1`], 'running');
    const begin = performance.now();
    if (state?.phase === 'running') process.kill(state.pid, 'SIGKILL');
    await ended;
    seenMs.push(performance.now() - begin);
    await driver.start(sleeper(`crash-${i}/main/1`));
    await again;
    againMs.push(performance.now() - begin);
    floors.push(forkAndExec());
  }
  await endAll();
  const floorMs = median(floors);
  const result = (bench: string, measuredMs: number, slackMs: number): BenchRow => ({
    bench,
    measured: `${measuredMs.toFixed(1)} ms`,
    floor: `fork+exec: ${floorMs.toFixed(1)} ms`,
    ratio: measuredMs / floorMs,
    goal: `<= ${slackMs} ms over`,
    ok: measuredMs <= floorMs + slackMs,
  });
  return [result('crash -> event, median', median(seenMs), 25), result('crash -> next attempt running, median', median(againMs), 50)];
}

async function benchIdle(): Promise<BenchRow> {
  await pause(3000);
  const before = process.cpuUsage();
  await pause(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1000 / IDLE_MS;
  const supervisors = processesOf(dir, 'supervisor').map(privateKiB);
  const each = supervisors.reduce((sum, kib) => sum + kib, 0) / supervisors.length;
  return {
    bench: `${TASKS} silent tasks, share of a core`,
    measured: `${(share * 100).toFixed(2)} %, RSS ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB, supervisor ${Math.round(each)} KiB`,
    floor: '-',
    ratio: share * 100,
    goal: '<= 1 %',
    ok: share <= 0.01,
  };
}

async function startAll(prefix: string, start: (ids: string[]) => Promise<void>): Promise<number> {
  const ids = Array.from({ length: TASKS }, (_, i) => `${prefix}-${i}/main/0`);
  const begin = performance.now();
  const running = until(ids, 'running');
  await start(ids);
  await running;
  return performance.now() - begin;
}

/** Resolves when an event has told of each of these tasks that it is in this phase; subscribed at once. */
async function until(ids: string[], phase: TaskState['phase']): Promise<TaskState[]> {
  const wanted = new Set(ids);
  const abort = new AbortController();
  const found: TaskState[] = [];
  for await (const event of driver.events(abort.signal)) {
    if (event.type === 'resync') throw new Error('the event buffer overflowed');
    if (event.task.phase !== phase || !wanted.delete(event.task.id)) continue;
    found.push(event.task);
    if (wanted.size === 0) break;
  }
  return found;
}

/** Ends all tasks. They are not removed before the last round: ext4 makes files slowly for minutes after thousands were deleted. */
async function endAll(): Promise<void> {
  const tasks = await driver.list();
  const live = tasks.filter((task) => task.phase === 'running').map((task) => task.id);
  const ended = live.length > 0 ? until(live, 'exited') : undefined;
  for (const id of live) await driver.stop(id, 0);
  await ended;
}

/** Time of one fork+exec in a shell, ms. */
function forkAndExec(): number {
  const begin = performance.now();
  spawnSync('sh', ['-c', `i=0; while [ $i -lt ${FORKS} ]; do /bin/true; i=$((i+1)); done`]);
  return (performance.now() - begin) / FORKS;
}

async function shellLoop(): Promise<number> {
  const begin = performance.now();
  const loop = spawn('sh', ['-c', `i=0; while [ $i -lt ${TASKS} ]; do sleep 600 & i=$((i+1)); done`], { detached: true, stdio: 'ignore' });
  await new Promise((resolve) => loop.once('exit', resolve));
  const tookMs = performance.now() - begin;
  process.kill(-loop.pid!, 'SIGKILL');
  return tookMs;
}

function sleeper(id: string): TaskConfig {
  return { id, label: `bench/${id}`, command: ['sleep', '600'], env: {}, files: [], mounts: [] };
}

function privateKiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
