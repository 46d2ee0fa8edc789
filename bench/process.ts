/**
 * The process driver against the machine's own means, in the same run: (a) start of 1,000 trivial tasks until all are reported running, against a
 * shell loop that forks 1,000; (b) from a task's crash to the event, against fork+exec; (c) what a driver with 1,000 silent tasks costs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import type { Driver, TaskState } from '../src/drivers/driver.ts';
import { openProcessDriver } from '../src/drivers/process/process-driver.ts';
import { endAllTasks } from '../src/drivers/process/real-machine.ts';
import { row } from './report.ts';

const TASKS = 1000;
const CRASHES = 50;

const root = await mkdtemp(join(tmpdir(), 'drover-bench-'));
const driver = await openProcessDriver({ dir: root, clock: systemClock, log: { info() {}, warn: (...line) => console.error(...line) } });
try {
  await benchCrash(driver);
  await benchStart(driver);
  await benchIdle();
} finally {
  await driver.close();
  await endAllTasks(root);
  await rm(root, { recursive: true, force: true });
}

async function benchStart(on: Driver): Promise<void> {
  const floorMs = elapsedMs(() => {
    const loop = `i=0; while [ $i -lt ${TASKS} ]; do sleep 600 & i=$((i+1)); done; jobs -p`;
    const { stdout } = spawnSync('sh', ['-c', `${loop} >&3`], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], maxBuffer: 1 << 20 }) as unknown as { stdout: string };
    return stdout;
  });
  const begin = performance.now();
  const running = waitFor(on, (task) => task.phase === 'running', TASKS);
  await Promise.all(Array.from({ length: TASKS }, (_, i) => on.start(config(`start-${i}/main/0`, ['sleep', '600']))));
  await running;
  const tookMs = performance.now() - begin;
  report('1,000 trivial tasks: start -> all reported running', tookMs, floorMs, 5);
}
