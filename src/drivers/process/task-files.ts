import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TaskConfig } from '../driver.ts';
import { clearError, type Layout, withClearErrors } from './layout.ts';
import { WITHDRAWN } from './records.ts';
import { runScript } from './run-script.ts';

/** What Drover remembers of a task besides what its records say. */
export interface TaskRecord {
  readonly id: string;
  readonly label: string;
  readonly startedAtMs: number;
  readonly bootId: string;
  readonly maxLogBytes: number;
}

/** Programs of the machine that tasks are started with, absolute paths. */
export interface Programs {
  readonly setsid: string;
  readonly env: string;
}

/** Environment variable that marks a task's processes, and those they leave behind. */
export const TASK_MARKER = 'DROVER_TASK';

/**
 * Records a task: its directory is built in `staging` and renamed into `tasks`, so it is there whole or not at all. Not synced to disk: what a
 * power loss takes with it has ended by it too. Throws `unavailable`.
 *
 * Synchronous on purpose: a dozen small calls into the page cache take a fifth of a millisecond, less than the main thread spends to hand them to
 * other threads and take back the answers, and a tenth of what that costs in all.
 */
export function recordTask(layout: Layout, key: string, config: TaskConfig, record: TaskRecord, programs: Programs): void {
  const staged = join(layout.staging, key);
  try {
    writeTask(staged, config, record, programs);
    renameSync(staged, join(layout.tasks, key));
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    throw clearError(`start task ${config.id} (${config.label})`, error);
  }
}

function writeTask(staged: string, config: TaskConfig, record: TaskRecord, programs: Programs): void {
  const { command, workingDir } = config;
  const work = join(staged, 'work');
  const write = (path: string, text: string, mode = 0o600) => writeFileSync(path, text, { mode });
  mkdirSync(staged, { mode: 0o700 });
  mkdirSync(work, { mode: 0o700 });
  const env = { ...config.env, [TASK_MARKER]: config.id };
  const directory = workingDir === undefined ? {} : { workingDir };
  write(join(staged, 'run'), runScript({ command, env, ...directory, setsid: programs.setsid, envProgram: programs.env }));
  write(join(staged, 'task.json'), JSON.stringify(record));
  write(join(staged, 'log'), '');
  if (workingDir !== undefined) mkdirSync(join(work, workingDir), { recursive: true });
  for (const file of config.files) {
    if (file.path.includes('/')) mkdirSync(dirname(join(work, file.path)), { recursive: true });
    write(join(work, file.path), file.text, file.mode);
  }
  for (const mount of config.mounts) {
    if (mount.path.includes('/')) mkdirSync(dirname(join(work, mount.path)), { recursive: true });
    symlinkSync(mount.target, join(work, mount.path));
  }
}

/** The record of a task; undefined when there is none or it was cut short by a power loss. Throws `unavailable`, and what else keeps it from being read. */
export async function readTaskRecord(layout: Layout, key: string): Promise<TaskRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(layout.tasks, key, 'task.json'), 'utf8')) as TaskRecord;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw clearError(`read the record of task ${key}`, error);
  }
}

/** Claims a task that no supervisor has, so that it never runs. False when one has it. */
export async function withdrawTask(layout: Layout, key: string): Promise<boolean> {
  try {
    const file = await open(join(layout.tasks, key, 'claim'), 'wx', 0o600);
    try {
      await file.writeFile(WITHDRAWN);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw clearError(`withdraw task ${key}`, error);
  }
}

/** Deletes everything of a task. From the first step on, a rename, it is forgotten; what a crash leaves then goes at the next open. */
export async function deleteTask(layout: Layout, key: string): Promise<void> {
  await withClearErrors(`remove task ${key}`, async () => {
    const trashed = join(layout.trash, key);
    await rm(trashed, { recursive: true, force: true });
    await rename(join(layout.tasks, key), trashed).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    for (const name of [`${key}.run`, `${key}.exit`]) await rm(join(layout.state, name), { force: true });
    await rm(trashed, { recursive: true, force: true });
  });
}

/** Text and time (epoch ms) of a small file; undefined when there is none. */
export function readRecord(path: string): { text: string; atMs: number } | undefined {
  try {
    return { text: readFileSync(path, 'utf8'), atMs: Math.round(statSync(path).mtimeMs) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
