import { spawn } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from './sqlite-store.ts';

/** Kills in all; each store takes some of them one after another, and a few stores are under way at once. */
const KILLS = Number(process.env['DROVER_KILLS'] ?? 1000);
const KILLS_PER_STORE = 25;

/**
 * The child: writers that create keys of their own, writers that fight for shared ones, and a compaction every few milliseconds, so that kills also
 * meet a half-done purge or log move. It prints `+key revision value` once a write is acknowledged.
 */
const CHILD = `
const [module, path, round] = process.argv.slice(1);
const { openSqliteStore } = await import(module);
const store = await openSqliteStore({ path });
process.stdout.write('open ' + store.revision() + '\\n');
const filler = 'x'.repeat(200);
async function create(writer) {
  for (let i = 0; ; i++) {
    const key = '/own/' + round + '/' + writer + '/' + i;
    const value = round + ':' + writer + ':' + i + ':' + filler;
    const { modRevision } = await store.create(key, value);
    process.stdout.write('+' + key + ' ' + modRevision + ' ' + value + '\\n');
  }
}
async function fight(writer) {
  for (let i = 0; ; i++) {
    const key = '/shared/' + (i % 3);
    const value = round + ':' + writer + ':' + i;
    const found = await store.get(key);
    try {
      const { modRevision } = found ? await store.update(key, value, found.modRevision) : await store.create(key, value);
      process.stdout.write('+' + key + ' ' + modRevision + ' ' + value + '\\n');
    } catch (error) {
      if (error.code !== 'conflict' && error.code !== 'already-exists') throw error;
    }
  }
}
async function compact() {
  for (;;) {
    await new Promise((done) => setTimeout(done, 5));
    await store.compact(store.revision() - 20);
  }
}
for (let writer = 0; writer < 12; writer++) void create(writer);
for (let writer = 0; writer < 4; writer++) void fight(writer);
void compact();
`;

/** The store as plain JavaScript, as the published package has it: a child is up in half the time, and the shape is tested on the way. */
const built = mkdtempSync(join(tmpdir(), 'drover-built-'));
beforeAll(() => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  for (const file of globSync('{base,store}/**/*.ts', { cwd: root })) {
    if (/test|conformance/.test(file)) continue;
    const target = join(built, file.replace(/ts$/, 'js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, stripTypeScriptTypes(readFileSync(join(root, file), 'utf8')).replaceAll(/(from '\..*)\.ts'/g, "$1.js'"));
  }
  writeFileSync(join(built, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rmSync(built, { recursive: true }));

interface Acknowledged {
  readonly key: string;
  readonly revision: number;
  readonly value: string;
}

test(
  `after each of ${KILLS} kill -9 under load every acknowledged write is there, and no revision is ever used twice`,
  { timeout: 900_000 },
  async () => {
    let left = KILLS;
    let acknowledged = 0;
    const began = performance.now();
    const chain = async (): Promise<void> => {
      while (left > 0) {
        const rounds = Math.min(left, KILLS_PER_STORE);
        left -= rounds;
        const count = await tortureStore(rounds);
        acknowledged += count;
      }
    };
    await Promise.all(Array.from({ length: 2 * availableParallelism() }, chain));
    const seconds = (performance.now() - began) / 1000;
    console.log(`${KILLS} kills, ${acknowledged} acknowledged writes, ${Math.round(seconds)} s`);
    expect(acknowledged).toBeGreaterThan(KILLS * 5);
  },
);

/** When a child is killed: after so many acknowledged writes and a moment more, or so long after its start. */
type KillMoment =
  | { readonly type: 'work'; readonly writes: number; readonly delayMs: number }
  | { readonly type: 'start'; readonly delayMs: number };

/** Most kills come under load; every tenth may come while the store is still being opened. */
function randomMoment(round: number): KillMoment {
  if (round % 10 === 9) return { type: 'start', delayMs: 50 + Math.random() * 150 };
  return { type: 'work', writes: Math.floor(Math.random() * 80), delayMs: Math.random() * 3 };
}

/** Kills `rounds` children on one store; returns how many writes they had acknowledged. */
async function tortureStore(rounds: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'drover-kill-'));
  const path = join(directory, 'store.db');
  const all: Acknowledged[] = [];
  let newestSeen = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      const fresh = await killChild(path, round, randomMoment(round));
      for (const { revision, key } of fresh) {
        if (revision <= newestSeen)
          throw new Error(`round ${round} gave ${key} revision ${revision}, though ${newestSeen} was stored before it began`);
      }
      all.push(...fresh);
      newestSeen = Math.max(newestSeen, checkRound(path, fresh, newestSeen));
    }
    await checkWhole(path, all);
    return all.length;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs a child, kills it when its moment has come, and returns what it had acknowledged. */
async function killChild(path: string, round: number, moment: KillMoment): Promise<Acknowledged[]> {
  const module = join(built, 'store/sqlite/sqlite-store.js');
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, module, path, String(round)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(built, 'cache') },
  });
  let output = '';
  let complaint = '';
  let lineCount = 0;
  let timer: NodeJS.Timeout | undefined;
  const killIn = (delayMs: number): void => void (timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs));
  if (moment.type === 'start') killIn(moment.delayMs);
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    lineCount += chunk.split('\n').length - 1;
    if (moment.type === 'work' && lineCount > moment.writes) killIn(moment.delayMs);
  });
  const signal = await new Promise((done) => child.on('close', (_code, by) => done(by)));
  clearTimeout(timer);
  if (signal !== 'SIGKILL') throw new Error(`the child of round ${round} ended by itself: ${complaint}`);
  const lines = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line.startsWith('+'))
    .map((line) => {
      const [key, revision, value] = line.slice(1).split(' ');
      return { key: key!, revision: Number(revision), value: value! };
    });
}

/** Looks at the file itself after a kill: what this round acknowledged is stored as it was told. Returns the newest revision stored. */
function checkRound(path: string, fresh: readonly Acknowledged[], newestSeen: number): number {
  const revisions = new Set(fresh.map(({ revision }) => revision));
  expect(revisions.size).toBe(fresh.length);
  const db = new DatabaseSync(path);
  try {
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'log'").get()) {
      expect([fresh.length, newestSeen]).toEqual([0, 0]);
      return 0;
    }
    const find = db.prepare('SELECT c.revision, l.value FROM current c JOIN log l ON l.revision = c.revision WHERE c.key = ?');
    for (const { key, revision, value } of fresh) {
      const row = find.get(key);
      const isLost = key.startsWith('/own/')
        ? row?.['revision'] !== revision || row['value'] !== value
        : Number(row?.['revision'] ?? 0) < revision;
      if (isLost) throw new Error(`${key} was acknowledged at ${revision}, but is stored as ${JSON.stringify(row)}`);
    }
    const newest = db.prepare('SELECT max(compactedRevision, ifnull((SELECT max(revision) FROM log), 0)) AS n FROM state').get();
    return Number(newest?.['n']);
  } finally {
    db.close();
  }
}

/** Opens the store once more after the last kill and compares it with everything that was ever acknowledged. */
async function checkWhole(path: string, all: readonly Acknowledged[]): Promise<void> {
  const store = await openSqliteStore({ path });
  try {
    expect(new Set(all.map(({ revision }) => revision)).size).toBe(all.length);
    const stored = new Map((await store.list('/own/')).entries.map((entry) => [entry.key, entry]));
    for (const { key, revision, value } of all) {
      if (!key.startsWith('/own/')) continue;
      const found = stored.get(key);
      if (found?.modRevision !== revision || found.value !== value)
        throw new Error(`${key} of revision ${revision} is ${JSON.stringify(found)}`);
    }
    const newest = Math.max(0, ...all.map(({ revision }) => revision));
    expect(store.revision()).toBeGreaterThanOrEqual(newest);
    expect((await store.create('/after', '')).modRevision).toBeGreaterThan(newest);
  } finally {
    await store.close();
  }
}
