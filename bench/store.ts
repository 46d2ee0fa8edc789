/**
 * Durable creates and gets of the SQLite store against raw SQLite (WAL, synchronous=FULL) with the same tables, on the same disk, in the same run.
 * Rounds of both alternate and the best of each counts, so that a busy machine hits both alike. `node bench/store.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { perSecond, printReport } from './report.ts';

const ROUNDS = 5;
const LONE = 1_000;
const SHARED = 20_000;
const WRITERS = 64;
const GETS = 20_000;
const value = JSON.stringify({ kind: 'Pod', filler: 'x'.repeat(680) });

const directory = mkdtempSync(join(tmpdir(), 'drover-bench-'));
const raw = openRaw(join(directory, 'raw.db'));
const store = await openSqliteStore({ path: join(directory, 'store.db') });
try {
  const rawLone: number[] = [];
  const lone: number[] = [];
  const shared: number[] = [];
  const gets: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rawLone.push(time(() => raw.createAll(round, LONE)));
    lone.push(await timeAsync(() => createAll(`lone/${round}`, LONE, 1)));
    shared.push(await timeAsync(() => createAll(`shared/${round}`, SHARED, WRITERS)));
    gets.push(await timeAsync(() => getAll(`shared/${round}`, GETS)));
  }
  const floorMs = Math.min(...rawLone) / LONE;
  const loneMs = Math.min(...lone) / LONE;
  const sharedMs = Math.min(...shared) / SHARED;
  const getMs = Math.min(...gets) / GETS;
  const floor = `raw SQLite FULL, lone: ${perSecond(1, floorMs)}`;
  printReport([
    {
      bench: 'durable creates, 1 writer',
      measured: perSecond(1, loneMs),
      floor,
      ratio: floorMs / loneMs,
      goal: 'ratio >= 0.5',
      ok: floorMs / loneMs >= 0.5,
    },
    {
      bench: `durable creates, ${WRITERS} writers`,
      measured: perSecond(1, sharedMs),
      floor,
      ratio: floorMs / sharedMs,
      goal: '>= 2,400/s',
      ok: sharedMs <= 1000 / 2400,
    },
    {
      bench: 'gets',
      measured: perSecond(1, getMs),
      floor: 'kube-apiserver, seen: 2,050/s',
      ratio: 1000 / getMs / 2050,
      goal: '>= 4,100/s',
      ok: getMs <= 1000 / 4100,
    },
  ]);
} finally {
  raw.close();
  await store.close();
  rmSync(directory, { recursive: true });
}

async function createAll(prefix: string, count: number, writers: number): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < count) await store.create(`/core/pods/${prefix}/${next++}`, value);
  };
  await Promise.all(Array.from({ length: writers }, write));
}

async function getAll(prefix: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    if (!(await store.get(`/core/pods/${prefix}/${(i * 7919) % SHARED}`))) throw new Error(`lost key ${i}`);
  }
}

/** The floor: one log row and one current row in one transaction, on the calling thread. */
function openRaw(path: string): { createAll(round: number, count: number): void; close(): void } {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE log (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL) STRICT;
    CREATE INDEX logByKey ON log (key, revision);
    CREATE TABLE current (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID`);
  const [begin, end] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  const append = db.prepare('INSERT INTO log VALUES (?, ?, ?)');
  const point = db.prepare('INSERT INTO current VALUES (?, ?)');
  let revision = 0;
  return {
    createAll(round, count) {
      for (let i = 0; i < count; i++) {
        begin.run();
        append.run(++revision, `/core/pods/${round}/${i}`, value);
        point.run(`/core/pods/${round}/${i}`, revision);
        end.run();
      }
    },
    close: () => db.close(),
  };
}

function time(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

async function timeAsync(run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
