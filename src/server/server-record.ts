import type { Home } from './home.ts';

// Not as an import: that would load all of fs, with its streams, 10 ms of a short command.
const { readFileSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');

/** What a running server tells the command line about itself, in `DROVER_HOME/server.json`. */
export interface ServerRecord {
  readonly pid: number;
  readonly url: string;
  readonly version: string;
  /** RFC 3339. */
  readonly startedAt: string;
}

/** The record, or undefined when there is none that can be read. It may outlive a server that was killed. */
export function readServerRecord(home: Pick<Home, 'serverRecord'>): ServerRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(home.serverRecord, 'utf8')) as Partial<ServerRecord>;
    if (typeof value.pid !== 'number' || typeof value.url !== 'string') return undefined;
    return { pid: value.pid, url: value.url, version: value.version ?? '', startedAt: value.startedAt ?? '' };
  } catch {
    return undefined;
  }
}

/** Writes the record so that a reader sees all of it or nothing. */
export function writeServerRecord(home: Home, record: ServerRecord): void {
  const part = `${home.serverRecord}.${process.pid}`;
  writeFileSync(part, `${JSON.stringify(record)}\n`, { mode: 0o600 });
  renameSync(part, home.serverRecord);
}

/** Removes the record; no error when it is gone. */
export function removeServerRecord(home: Home): void {
  rmSync(home.serverRecord, { force: true });
}
