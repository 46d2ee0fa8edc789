import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DroverError } from '../../base/errors.ts';
import { SUPERVISE_PROGRAM } from './shell-programs.ts';

/**
 * Where the process driver keeps things:
 *
 *     bin/supervise              the shell program
 *     state/<key>.run            who runs a task; made by the task itself
 *     state/<key>.exit           how it ended; renamed into place
 *     tasks/<key>/task.json      what Drover must remember of it, `run` how to start it, `claim` which supervisor has it
 *     tasks/<key>/stop           deadline of a stop under way, epoch ms
 *     tasks/<key>/log            stdout and stderr; log.1.* the part before; log.times when it was written
 *     tasks/<key>/work/          the task's own directory: its files and mounts
 *     staging/, trash/           tasks that are not recorded yet, and removed ones; emptied at open
 *
 * `<key>` is the percent-encoded id. Both record files share one directory, so that one inotify watch sees everything that happens.
 */
export interface Layout {
  readonly root: string;
  readonly state: string;
  readonly tasks: string;
  readonly staging: string;
  readonly trash: string;
}

/** Makes the directories (mode 0700) and writes the program; empties staging and trash. Throws `unavailable`. */
export async function prepareLayout(root: string): Promise<Layout> {
  const layout: Layout = {
    root,
    state: join(root, 'state'),
    tasks: join(root, 'tasks'),
    staging: join(root, 'staging'),
    trash: join(root, 'trash'),
  };
  await withClearErrors(`open ${root}`, async () => {
    await Promise.all([layout.staging, layout.trash].map((dir) => rm(dir, { recursive: true, force: true })));
    for (const dir of [root, join(root, 'bin'), layout.state, layout.tasks, layout.staging, layout.trash]) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
    }
    await writeAtomically(join(root, 'bin/supervise'), SUPERVISE_PROGRAM);
  });
  return layout;
}

/** Replaces a file (mode 0600) by rename: readers see the old text or the new one. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Runs `act`; what the machine is short of comes out as `unavailable`, with the act named. Other errors pass. */
export async function withClearErrors<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw clearError(doing, error);
  }
}

/** The error to show for a failed system call: `unavailable` for what passes (disk full, no more processes, files or memory). */
export function clearError(doing: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const lack = code === undefined ? undefined : LACKS[code];
  if (!lack) return error;
  return new DroverError('unavailable', `Could not ${doing}: ${lack} (${code}).`, { cause: error, retryAfterSeconds: 10 });
}

const LACKS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, or the machine has no inotify watches left (fs.inotify.max_user_watches)',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EAGAIN: 'the machine has no more processes (ulimit -u, pids.max)',
  ENOMEM: 'the machine is out of memory',
  EMFILE: 'Drover has too many open files (ulimit -n)',
  ENFILE: 'the machine has too many open files (fs.file-max)',
};
