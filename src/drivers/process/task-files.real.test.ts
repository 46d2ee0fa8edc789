import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { taskKey } from '../check-task.ts';
import { openProcessDriver } from './process-driver.ts';
import { endAllTasks } from './real-machine.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drover-records-'));
});
afterEach(async () => {
  await endAllTasks(dir);
  await rm(dir, { recursive: true, force: true });
});

const open = () => openProcessDriver({ dir, clock: systemClock, log: { info() {}, warn() {} } });

test('a running task is never lost because its record cannot be read', async () => {
  const first = await open();
  const id = 'a/main/0';
  await first.start({ id, label: 'test', command: ['sleep', '1000000'], env: {}, files: [], mounts: [] });
  while ((await first.list())[0]?.phase !== 'running') await pause(5);
  await first.close();
  const record = join(dir, 'tasks', taskKey(id)!, 'task.json');

  await writeFile(record, '{"id":');
  const second = await open();
  expect(await second.list()).toMatchObject([{ id, phase: 'running' }]);
  await second.close();

  await rm(record);
  await mkdir(record);
  await expect(open()).rejects.toMatchObject({ code: 'EISDIR' });
});
