import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { driverConformance } from '../conformance.ts';
import { toShell } from '../program.ts';
import { openProcessDriver } from './process-driver.ts';
import { endAllTasks } from './real-machine.ts';

driverConformance('the process driver', async () => {
  const root = await mkdtemp(join(tmpdir(), 'drover-driver-'));
  const dir = join(root, 'driver');
  let volumes = 0;
  const warnings: unknown[] = [];
  const log = { info() {}, warn: (fields: object, message: string) => warnings.push({ fields, message }) };
  return {
    open: () => openProcessDriver({ dir, clock: systemClock, log }),
    command: (program) => ['sh', '-c', toShell(program)],
    async volume() {
      const path = join(root, `volume-${++volumes}`);
      await mkdir(path);
      return path;
    },
    idle: () => pause(5),
    nowMs: () => Date.now(),
    async dispose() {
      expect(warnings).toEqual([]);
      expect(await readdir(join(dir, 'staging'))).toEqual([]);
      await endAllTasks(dir);
      await rm(root, { recursive: true, force: true });
    },
  };
});
