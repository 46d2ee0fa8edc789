import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AgentFiles } from './agent-files.ts';

/** The files of this machine. Texts are replaced by rename; they are not synced, since a power loss ends all tasks anyway. */
export function nodeFiles(): AgentFiles {
  let writes = 0;
  return {
    readText: (path) => readFile(path, 'utf8').catch(absentAs(undefined)),
    async writeText(path, text) {
      const temporary = `${path}.${process.pid}.${++writes}`;
      try {
        await writeFile(temporary, text, { mode: 0o600 });
      } catch (error) {
        if (!isAbsent(error)) throw error;
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeFile(temporary, text, { mode: 0o600 });
      }
      await rename(temporary, path);
    },
    list: (path) => readdir(path).then((names) => names.sort(), absentAs<string[]>([])),
    async makeDirectory(path) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    },
    kindOf: (path) => stat(path).then((found) => (found.isDirectory() ? 'directory' : 'file'), absentAs('absent' as const)),
    remove: (path) => rm(path, { recursive: true, force: true }),
  };
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isAbsent(error)) return value;
    throw error;
  };
}
