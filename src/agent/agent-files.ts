/** The agent's view of the machine's files, so that the simulator needs no disk. Paths are absolute. */
export interface AgentFiles {
  /** The text of a file; undefined when there is none. */
  readText(path: string): Promise<string | undefined>;
  /** Writes a file of mode 0600 so that a reader sees the old text or the new one; makes its directories (mode 0700). */
  writeText(path: string, text: string): Promise<void>;
  /** Names in a directory, sorted; empty when there is none. */
  list(path: string): Promise<readonly string[]>;
  /** Makes a directory of mode 0700 and those above it; no-op when it is there. */
  makeDirectory(path: string): Promise<void>;
  kindOf(path: string): Promise<'file' | 'directory' | 'absent'>;
  /** Deletes a file, or a directory with all that is in it; no-op when there is none. */
  remove(path: string): Promise<void>;
}
