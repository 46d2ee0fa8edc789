import { posix } from 'node:path';
import type { AgentFiles } from './agent-files.ts';

/** Files in memory, for tests and the simulator; it outlives the agents that use it as a disk does. */
export interface MemoryFiles extends AgentFiles {
  /** Texts by path. */
  readonly texts: Map<string, string>;
  readonly directories: Set<string>;
}

/** An empty disk. */
export function memoryFiles(): MemoryFiles {
  const texts = new Map<string, string>();
  const directories = new Set<string>(['/']);
  const paths = () => [...texts.keys(), ...directories];
  return {
    texts,
    directories,
    readText: async (path) => texts.get(path),
    async writeText(path, text) {
      makeDirectory(posix.dirname(path));
      texts.set(path, text);
    },
    async list(path) {
      const below = paths().filter((other) => other !== path && posix.dirname(other) === path);
      return below.map((other) => posix.basename(other)).sort();
    },
    makeDirectory: async (path) => makeDirectory(path),
    kindOf: async (path) => (texts.has(path) ? 'file' : directories.has(path) ? 'directory' : 'absent'),
    async remove(path) {
      for (const other of paths()) {
        if (other !== path && !other.startsWith(`${path}/`)) continue;
        texts.delete(other);
        directories.delete(other);
      }
    },
  };

  function makeDirectory(path: string): void {
    for (let at = path; !directories.has(at); at = posix.dirname(at)) directories.add(at);
  }
}
