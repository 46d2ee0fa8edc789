import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { Driver } from '../driver.ts';
import { clearError } from './layout.ts';
import { openProcessDriver } from './process-driver.ts';
import { endAllTasks } from './real-machine.ts';

let root: string;
let driver: Driver | undefined;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'drover-shortage-'));
});
afterEach(async () => {
  await driver?.close();
  driver = undefined;
  await rm(root, { recursive: true, force: true });
});

const open = (dir: string) => openProcessDriver({ dir, clock: systemClock, log: { info() {}, warn() {} } });
const config = (id: string, script: string) => ({ id, label: `test/${id}`, command: ['sh', '-c', script], env: {}, files: [], mounts: [] });

test('without a process to fork, start is refused as unavailable, nothing is left of it, and it can be repeated', async () => {
  const dir = join(root, 'driver');
  driver = await open(dir);
  // Answers as the spawner does when it cannot fork.
  await writeFile(join(dir, 'bin/supervise'), 'while read -r key; do echo "-$key"; done');
  await expect(driver.start(config('a/main/0', 'exit 3'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('no more processes'),
  });
  expect(await driver.list()).toEqual([]);
  expect(await readdir(join(dir, 'tasks'))).toEqual([]);
  await driver.close();

  driver = await open(dir);
  await driver.start(config('a/main/0', 'exit 3'));
  while ((await driver.list())[0]?.phase !== 'exited') await pause(5);
  await endAllTasks(dir);
});

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'])(
  '%s is told as unavailable, with what is lacking',
  (code) => {
    const error = clearError('start task x', Object.assign(new Error(code), { code }));
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(new RegExp(`^Could not start task x: .+\\(${code}\\)\\.$`)),
    });
  },
);

describe.skipIf(!mayMount())('on a full disk', () => {
  let dir: string;
  beforeEach(async () => {
    dir = join(root, 'full');
    await mkdir(dir);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1M', 'tmpfs', dir]);
  });
  afterEach(async () => {
    await driver?.close();
    await endAllTasks(join(dir, 'driver'));
    execFileSync('umount', ['-l', dir]);
  });

  const fill = () => writeFile(join(dir, 'filler'), Buffer.alloc(2 << 20)).catch(() => {});

  test('start is refused as unavailable, and works when there is room again', async () => {
    driver = await open(join(dir, 'driver'));
    await fill();
    await expect(driver.start(config('a/main/0', 'exit 3'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('disk is full'),
    });
    expect(await driver.list()).toEqual([]);
    await rm(join(dir, 'filler'));
    await driver.start(config('a/main/0', 'exit 3'));
    while ((await driver.list())[0]?.phase !== 'exited') await pause(5);
  });

  test('the exit code of a task is kept until it can be written', async () => {
    driver = await open(join(dir, 'driver'));
    await driver.start(config('a/main/0', 'until [ -e ../../../../go ]; do sleep 0.05; done; exit 3'));
    while ((await driver.list())[0]?.phase !== 'running') await pause(5);
    await fill();
    await writeFile(join(dir, 'go'), '');
    // Until the shell of the task has gone, and its supervisor failed to write at least once.
    await pause(1500);
    expect(await driver.list()).toMatchObject([{ phase: 'running' }]);
    await rm(join(dir, 'filler'));
    while ((await driver.list())[0]?.phase === 'running') await pause(20);
    expect(await driver.list()).toMatchObject([{ phase: 'exited', exitCode: 3 }]);
  });
});

/** True when this user may mount a small disk. */
function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
