import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from './sqlite-store.ts';

const LONE = 30;
const TOGETHER = 64;

/** Writes one after another, printing `ack` after each; then many at once between `begin` and `end`. */
const PROGRAM = `
const { writeSync } = await import('node:fs');
const { openSqliteStore } = await import(process.argv[1]);
const store = await openSqliteStore({ path: process.argv[2] });
writeSync(1, 'begin lone\\n');
for (let i = 0; i < ${LONE}; i++) {
  await store.create('/lone/' + i, 'x'.repeat(700));
  writeSync(1, 'ack\\n');
}
writeSync(1, 'begin together\\n');
await Promise.all(Array.from({ length: ${TOGETHER} }, (_, i) => store.create('/together/' + i, 'x'.repeat(700))));
writeSync(1, 'end\\n');
await store.close();
`;

/** What the trace of system calls tells, in the order in which it happened. */
type Call =
  | { readonly type: 'log-write' | 'log-sync-begins' | 'log-synced'; readonly thread: string }
  | { readonly type: 'printed'; readonly text: string; readonly thread: string };

describe('A trace of the system calls shows that', () => {
  let directory: string;
  let calls: Call[] | undefined;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drover-trace-'));
    const trace = join(directory, 'trace');
    const probe = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']);
    if (probe.status !== 0) return console.log(`skipped: strace cannot run here (${String(probe.error ?? probe.stderr).trim()})`);
    const module = new URL('./sqlite-store.ts', import.meta.url).href;
    const options = ['-f', '-y', '-o', trace, '-e', 'trace=fdatasync,fsync,pwrite64,write'];
    const child = spawn(
      'strace',
      [...options, process.execPath, '--input-type=module', '-e', PROGRAM, module, join(directory, 'store.db')],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    calls = parse(readFileSync(trace, 'utf8'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('a write is acknowledged only after the sync that follows its write to the log', ({ skip }) => {
    if (!calls) return skip('strace cannot run here');
    let acknowledged = 0;
    let state: 'nothing' | 'written' | 'syncing' | 'synced' = 'nothing';
    for (const call of between(calls, 'begin lone', 'begin together')) {
      if (call.type === 'log-write') state = 'written';
      else if (call.type === 'log-sync-begins' && state === 'written') state = 'syncing';
      else if (call.type === 'log-synced' && state === 'syncing') state = 'synced';
      else if (call.type === 'printed') {
        expect(state).toBe('synced');
        state = 'nothing';
        acknowledged++;
      }
    }
    expect(acknowledged).toBe(LONE);
  });

  test('writes that arrive together share a sync', ({ skip }) => {
    if (!calls) return skip('strace cannot run here');
    const syncs = between(calls, 'begin together', 'end').filter((call) => call.type === 'log-synced').length;
    console.log(`${TOGETHER} writes at once took ${syncs} syncs`);
    expect(syncs).toBeGreaterThan(0);
    expect(syncs).toBeLessThan(TOGETHER / 2);
  });

  test('the thread that answers never syncs', ({ skip }) => {
    if (!calls) return skip('strace cannot run here');
    const main = calls.find((call) => call.type === 'printed')!.thread;
    expect(calls.filter((call) => call.type !== 'printed' && call.thread === main)).toEqual([]);
  });
});

test('A compaction lets writers pass: a write that was asked for later is acknowledged earlier', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'drover-compact-'));
  const store = await openSqliteStore({ path: join(directory, 'store.db') });
  try {
    for (let i = 0; i < 40; i++) await Promise.all(Array.from({ length: 250 }, (_, j) => store.create(`/k/${i}/${j}`, '')));
    await Promise.all((await store.list('/k/')).entries.map(({ key, modRevision }) => store.delete(key, modRevision)));
    const order: string[] = [];
    const compaction = store.compact(store.revision()).then(() => order.push('compaction'));
    const write = store.create('/later', '').then(() => order.push('write'));
    await Promise.all([compaction, write]);
    expect(order).toEqual(['write', 'compaction']);
    expect((await store.list('')).entries.map(({ key }) => key)).toEqual(['/later']);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
});

/** Reads strace's lines. A call that another thread's line interrupts is told twice: when it begins, and when it is resumed. */
function parse(trace: string): Call[] {
  const calls: Call[] = [];
  const syncing = new Set<string>();
  for (const line of trace.split('\n')) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (!thread || !rest) continue;
    const printed = /^write\(1<[^>]*>, "([a-z ]+)\\n"/.exec(rest);
    if (printed) calls.push({ type: 'printed', text: printed[1]!, thread });
    else if (/^pwrite64\(\d+<[^>]*-wal>/.test(rest)) calls.push({ type: 'log-write', thread });
    else if (/^f(data)?sync\(\d+<[^>]*-wal>/.test(rest)) {
      calls.push({ type: 'log-sync-begins', thread });
      if (rest.includes('<unfinished')) syncing.add(thread);
      else if (rest.endsWith('= 0')) calls.push({ type: 'log-synced', thread });
    } else if (/^<\.\.\. f(data)?sync resumed>.*= 0$/.test(rest) && syncing.delete(thread)) calls.push({ type: 'log-synced', thread });
  }
  return calls;
}

function between(calls: readonly Call[], from: string, to: string): Call[] {
  const index = (text: string) => calls.findIndex((call) => call.type === 'printed' && call.text === text);
  expect(index(from)).toBeGreaterThanOrEqual(0);
  expect(index(to)).toBeGreaterThan(index(from));
  return calls.slice(index(from) + 1, index(to));
}
