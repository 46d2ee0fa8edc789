import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../base/clock.ts';
import { taskKey } from '../check-task.ts';
import type { Driver, TaskConfig, TaskState } from '../driver.ts';
import { openProcessDriver } from './process-driver.ts';
import { bootId, sendSignal } from './proc.ts';
import { endAllTasks, processesOf } from './real-machine.ts';
import { parseRun } from './records.ts';
import type { WatchDirectory } from './state-watch.ts';

let dir: string;
let driver: Driver;

const open = (more: { clock?: Clock; watchDirectory?: WatchDirectory } = {}) =>
  openProcessDriver({ dir, clock: systemClock, log: { info() {}, warn() {} }, ...more });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drover-survival-'));
  driver = await open();
});
afterEach(async () => {
  await driver.close();
  await endAllTasks(dir);
  await rm(dir, { recursive: true, force: true });
});

describe('killed with -9', () => {
  test('a task: its exit is seen and says so', async () => {
    const { id, task } = await running('sleep 1000000');
    process.kill(task.pid, 'SIGKILL');
    expect(await until(id, 'exited')).toMatchObject({ exitCode: 137, signal: 9 });
  });

  test('a task that leaves children in its group: they are gone before its end is told', async () => {
    const { id, task } = await running('sleep 1000001 & echo $! >child; wait');
    const child = await eventually(async () => Number(await readFile(join(workDir(id), 'child'), 'utf8')) || undefined);
    process.kill(task.pid, 'SIGKILL');
    await until(id, 'exited');
    await eventually(async () => !processExists(child) || undefined);
  });

  test('a supervisor: the task goes on, can be stopped, and is lost at its end with all that it left', async () => {
    const { id, task, supervisor } = await running('sleep 1000001 & echo $! >child; exec sleep 1000000');
    const child = await eventually(async () => Number(await readFile(join(workDir(id), 'child'), 'utf8')) || undefined);
    await kill(supervisor.pid);
    await driver.list();
    expect(await find(id)).toMatchObject({ phase: 'running', pid: task.pid });
    expect(await driver.exec(id, ['echo', 'alive'], { timeoutMs: 60_000, signal: new AbortController().signal })).toMatchObject({
      output: 'alive\n',
    });
    await reopen();
    expect(await find(id)).toMatchObject({ phase: 'running', pid: task.pid });
    process.kill(task.pid, 'SIGKILL');
    const end = await until(id, 'lost');
    expect(end).toMatchObject({ why: 'supervisor-killed' });
    await eventually(async () => !processExists(child) || undefined);
    await reopen();
    expect(await find(id)).toEqual(end);
  });

  test('a supervisor while Drover is down, and its task is stopped after', async () => {
    const { id, supervisor } = await running('sleep 1000000');
    await driver.close();
    await kill(supervisor.pid);
    driver = await open();
    expect(await find(id)).toMatchObject({ phase: 'running' });
    await driver.stop(id, 1000);
    expect(await until(id, 'lost')).toMatchObject({ why: 'supervisor-killed' });
  });

  test('supervisor and task, while Drover runs or is down', async () => {
    for (const down of [false, true]) {
      const { id, task, supervisor } = await running('sleep 1000000');
      if (down) await driver.close();
      await kill(supervisor.pid);
      await kill(task.pid);
      if (down) driver = await open();
      expect(await until(id, 'lost')).toMatchObject({ why: 'supervisor-killed' });
      await driver.remove(id);
    }
  });

  test('the spawner: later starts work, and tasks do not notice', async () => {
    const { id } = await running('sleep 1000000');
    for (const pid of processesOf(dir, 'spawner')) await kill(pid);
    await running('sleep 1000000');
    expect(await find(id)).toMatchObject({ phase: 'running' });
  });

  test('the spawner again and again while 50 tasks start: each start either ran once or was refused and can be repeated', async () => {
    const configs = Array.from({ length: 50 }, (_, i) => counting(`storm-${i}/main/0`));
    const storm = new AbortController();
    const killing = (async () => {
      while (!storm.signal.aborted) {
        for (const pid of processesOf(dir, 'spawner')) sendSignal(pid, 'SIGKILL');
        await pause(15);
      }
    })();
    for (const config of configs) {
      for (;;) {
        const refused = await driver.start(config).then(
          () => false,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'unavailable' });
            return true;
          },
        );
        if (!refused) break;
      }
    }
    storm.abort();
    await killing;
    await expectEachRanOnce(configs);
  });
});

describe('the process that has the driver, killed with -9', () => {
  test('at random moments while 50 tasks start: every task runs exactly once, and what start acknowledged is known', async () => {
    const configs = Array.from({ length: 50 }, (_, i) => counting(`crash-${i}/main/0`));
    await driver.close();
    const acknowledged = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const child = runStarter(configs, (id) => acknowledged.add(id));
      await child.opened;
      await pause(Math.random() * 250);
      child.process.kill('SIGKILL');
      await child.ended;
    }
    driver = await open();
    const known = new Set((await driver.list()).map((task) => task.id));
    expect([...acknowledged].filter((id) => !known.has(id))).toEqual([]);
    for (const config of configs) await driver.start(config);
    await expectEachRanOnce(configs);
  });

  test('ends its spawner, and no task', async () => {
    await driver.close();
    const configs = [counting('a/main/0'), { ...counting('b/main/0'), command: ['sleep', '1000000'] }];
    const acknowledged = new Set<string>();
    const child = runStarter(configs, (id) => acknowledged.add(id));
    await eventually(async () => acknowledged.size === 2 || undefined);
    child.process.kill('SIGKILL');
    await child.ended;
    await eventually(async () => processesOf(dir, 'spawner').length === 0 || undefined);
    driver = await open();
    expect(await until('b/main/0', 'running')).toMatchObject({ phase: 'running' });
  });
});

describe('adoption', () => {
  test('a task of an earlier boot is lost by reboot, the same at each open', async () => {
    const { id } = await running('sleep 1000000');
    await driver.close();
    await moveToYesterday(id);
    driver = await open();
    const state = await until(id, 'lost');
    expect(state).toMatchObject({ why: 'reboot' });
    await reopen();
    expect(await find(id)).toEqual(state);
  });

  test('a task whose record a power loss cut short is lost by reboot and can be removed', async () => {
    const { id } = await running('sleep 1000000');
    await driver.close();
    await moveToYesterday(id);
    await writeFile(join(taskDir(id), 'task.json'), '');
    driver = await open();
    expect(await until(id, 'lost')).toMatchObject({ why: 'reboot' });
    await driver.remove(id);
    expect(await driver.list()).toEqual([]);
  });

  test('a pid that another process has meanwhile is not taken for the task', async () => {
    const { id, task, supervisor } = await running('sleep 1000000');
    await driver.close();
    await kill(supervisor.pid);
    await kill(task.pid);
    const text = await readFile(statePath(id, 'run'), 'utf8');
    const forged = text.replace(`${supervisor.pid} `, `${process.pid} `).replace(` ${task.pid} `, ` ${process.pid} `);
    await writeFile(statePath(id, 'run'), forged);
    driver = await open();
    expect(await until(id, 'lost')).toMatchObject({ why: 'supervisor-killed' });
    expect(processExists(process.pid)).toBe(true);
  });

  test('a recorded task that nobody claimed is started; one that was withdrawn is forgotten', async () => {
    const claims: [string, string | undefined, TaskState['phase'] | undefined][] = [
      ['unclaimed/main/0', undefined, 'running'],
      ['withdrawn/main/0', 'withdrawn .\n', undefined],
    ];
    for (const [id, claim, phase] of claims) {
      await makeUnclaimed(id);
      if (claim) await writeFile(join(taskDir(id), 'claim'), claim);
      driver = await open();
      if (phase) expect(await until(id, 'running')).toMatchObject({ phase });
      else expect(await find(id)).toBeUndefined();
    }
  });

  test('a task whose supervisor died before it ran is lost, and a late child of that supervisor cannot run it', async () => {
    const id = 'late/main/0';
    await makeUnclaimed(id);
    await writeFile(join(taskDir(id), 'claim'), `999999999 1 boot .\n`);
    driver = await open();
    expect(await until(id, 'lost')).toMatchObject({ why: 'failed-start' });
    expect(parseRun(await readFile(statePath(id, 'run'), 'utf8'))).toEqual({ type: 'void' });
    await reopen();
    expect(await find(id)).toMatchObject({ phase: 'lost', why: 'failed-start' });
  });

  test('a claim that was cut short counts as dead after some seconds', async () => {
    const id = 'cut/main/0';
    await makeUnclaimed(id);
    await writeFile(join(taskDir(id), 'claim'), '4711 ');
    await utimes(join(taskDir(id), 'claim'), new Date(), new Date(Date.now() - 60_000));
    driver = await open();
    expect(await until(id, 'lost')).toMatchObject({ why: 'failed-start' });
  });
});

describe('without luck', () => {
  test('when inotify says nothing, ends are seen by the sweep', async () => {
    await driver.close();
    driver = await open({ watchDirectory: () => () => {} });
    const { id } = await running('exit 3');
    expect(await until(id, 'exited')).toMatchObject({ exitCode: 3 });
  });

  test('a timer that fires early still ends the grace period', async () => {
    await driver.close();
    const early: Clock = { ...systemClock, after: (delayMs, callback) => systemClock.after(Math.max(0, delayMs - 40), callback) };
    driver = await open({ clock: early });
    const { id } = await running(`trap '' TERM; echo ready; exec sleep 1000000`);
    for await (const line of driver.logs(id, { follow: true }, new AbortController().signal)) if (line.text === 'ready') break;
    await driver.stop(id, 100);
    expect(await until(id, 'exited')).toMatchObject({ exitCode: 137 });
  });

  test('a program that does not exist ends with 127 and says so in the log', async () => {
    await driver.start(config('missing/main/0', ['/does/not/exist']));
    expect(await until('missing/main/0', 'exited')).toMatchObject({ exitCode: 127 });
    for await (const line of driver.logs('missing/main/0', {}, new AbortController().signal))
      expect(line.text).toContain('/does/not/exist');
  });

  test('a task does not ignore SIGINT and SIGQUIT, as shell background jobs do', async () => {
    const { id } = await running('grep SigIgn /proc/self/status; sleep 1000000');
    for await (const line of driver.logs(id, { follow: true }, new AbortController().signal)) {
      expect(BigInt(`0x${line.text.split('\t')[1]}`) & 0b110n).toBe(0n);
      break;
    }
  });
});

let sequence = 0;

function config(id: string, command: readonly string[]): TaskConfig {
  return { id, label: `test/${id}`, command, env: {}, files: [], mounts: [] };
}

/** A task that leaves a trace each time it runs. */
function counting(id: string): TaskConfig {
  return config(id, ['sh', '-c', `echo ran >>${dir}/ran-${id.split('/')[0]}`]);
}

async function expectEachRanOnce(configs: readonly TaskConfig[]): Promise<void> {
  for (const { id } of configs) {
    expect(await until(id, 'exited')).toMatchObject({ exitCode: 0 });
    expect([id, await readFile(join(dir, `ran-${id.split('/')[0]}`), 'utf8')]).toEqual([id, 'ran\n']);
  }
}

async function running(script: string) {
  const id = `task-${++sequence}/main/0`;
  await driver.start(config(id, ['sh', '-c', script]));
  const run = await eventually(async () => {
    const record = parseRun(await readFile(statePath(id, 'run'), 'utf8'));
    return record.type === 'run' ? record : undefined;
  });
  return { id, task: run.task, supervisor: run.supervisor };
}

async function until<P extends TaskState['phase']>(id: string, phase: P): Promise<Extract<TaskState, { phase: P }>> {
  return eventually(async () => {
    const state = await find(id);
    return state?.phase === phase ? (state as Extract<TaskState, { phase: P }>) : undefined;
  });
}

async function find(id: string): Promise<TaskState | undefined> {
  return (await driver.list()).find((state) => state.id === id);
}

async function reopen(): Promise<void> {
  await driver.close();
  driver = await open();
}

/** Makes all records of a task those of an earlier boot. */
async function moveToYesterday(id: string): Promise<void> {
  for (const path of [join(taskDir(id), 'task.json'), join(taskDir(id), 'claim'), statePath(id, 'run')]) {
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(bootId(), 'of-yesterday'));
  }
}

/** Leaves a task as a crash between its record and its claim does. */
async function makeUnclaimed(id: string): Promise<void> {
  await driver.close();
  driver = await open();
  await driver.start(config(id, ['sleep', '1000000']));
  const { supervisor, task } = await eventually(async () => {
    const record = parseRun(await readFile(statePath(id, 'run'), 'utf8'));
    return record.type === 'run' ? record : undefined;
  });
  await driver.close();
  for (const { pid } of [supervisor, task]) await kill(pid);
  for (const path of [statePath(id, 'run'), join(taskDir(id), 'claim'), join(taskDir(id), 'note')]) await rm(path, { force: true });
}

/** Another process that opens a driver over the same directory and starts tasks, telling of each. */
function runStarter(configs: readonly TaskConfig[], onStarted: (id: string) => void) {
  const code = `
    import { openProcessDriver } from ${JSON.stringify(join(import.meta.dirname, 'process-driver.ts'))};
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../base/clock.ts'))};
    const driver = await openProcessDriver({ dir: ${JSON.stringify(dir)}, clock: systemClock, log: { info() {}, warn() {} } });
    console.log('open');
    for (const config of ${JSON.stringify(configs)}) driver.start(config).then(() => console.log(config.id), () => {});
    setInterval(() => {}, 1000);
  `;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! });
  const opened = once(lines, 'line');
  lines.on('line', (line) => line !== 'open' && onStarted(line));
  return { process: child, opened, ended: once(child, 'close') };
}

async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(async () => !processExists(pid) || undefined);
}

/** True while a process exists and is no zombie. */
function processExists(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function eventually<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await probe().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    if (found !== undefined) return found;
    await pause(5);
  }
}

const taskDir = (id: string) => join(dir, 'tasks', taskKey(id)!);
const workDir = (id: string) => join(taskDir(id), 'work');
const statePath = (id: string, suffix: 'run' | 'exit') => join(dir, 'state', `${taskKey(id)}.${suffix}`);
