import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { DroverError } from '../base/errors.ts';
import { prepareHome, type Home } from './home.ts';
import { readServerRecord, type ServerRecord } from './server-record.ts';

/** The server of a home when it runs and answers, else undefined. */
export async function findServer(home: Home): Promise<ServerRecord | undefined> {
  const record = readServerRecord(home);
  if (record === undefined || !isAlive(record.pid)) return undefined;
  return (await isReady(home, record.url)) ? record : undefined;
}

/** Starts the server in the background, its log in DROVER_HOME/server.log; resolves when it is ready. Throws `unavailable` with the last log line. */
export async function startInBackground(home: Home, listen: string, signal: AbortSignal): Promise<ServerRecord> {
  prepareHome(home);
  const log = openSync(home.serverLog, 'a', 0o600);
  const main = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'server', '--listen', listen], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, DROVER_HOME: home.dir },
    cwd: '/',
  });
  closeSync(log);
  let ended = false;
  child.on('exit', () => (ended = true));
  child.on('error', () => (ended = true));
  child.unref();
  for (;;) {
    const record = readServerRecord(home);
    if (record !== undefined && record.pid === child.pid && (await isReady(home, record.url))) return record;
    if (ended) throw new DroverError('unavailable', `the server did not start: ${lastLine(home.serverLog)} (log: ${home.serverLog})`);
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** True while a process of that id runs; one that has ended and waits for its parent to notice does not count. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

async function isReady(home: Home, url: string): Promise<boolean> {
  try {
    const token = readFileSync(home.token, 'utf8').trim();
    const answer = await fetch(`${url}/readyz`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) });
    return answer.ok;
  } catch {
    return false;
  }
}

function lastLine(file: string): string {
  try {
    const line = readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    const parsed: unknown = line.startsWith('{') ? JSON.parse(line) : undefined;
    return typeof parsed === 'object' && parsed !== null && 'msg' in parsed
      ? String(parsed.msg)
      : line.replace(/^drover: error: /, '') || 'it wrote nothing';
  } catch {
    return 'its log cannot be read';
  }
}
