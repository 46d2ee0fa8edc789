/**
 * Durable creates and gets through HTTP on the SQLite store, the client in a process of its own, against raw SQLite and, where `shared/kubernetes` is
 * built, a kube-apiserver on etcd in the same run; rounds of all alternate and the best of each counts. `node bench/api.ts`.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { createVerbs } from '../src/api/create-verbs.ts';
import { startApiServer } from '../src/api/http/server.ts';
import { tokenAuthenticator } from '../src/auth/token.ts';
import { systemClock } from '../src/base/clock.ts';
import { coreKinds } from '../src/model/kinds.ts';
import { createScheme } from '../src/model/scheme.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import { perSecond, printReport, type BenchRow } from './report.ts';

interface Rates {
  readonly lone: number;
  readonly shared: number;
  readonly gets: number;
}

const ROUNDS = Number(process.env['ROUNDS'] ?? 3);
const TOKEN = 'bench';
/** kube-apiserver 1.34.4 on etcd 3.4.23, seen on two idle cores. */
const SEEN: Rates = { lone: 440, shared: 1200, gets: 2050 };

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'drover-bench-'));
const cluster = join(resolve(process.env['DROVER_SHARED'] ?? '../shared'), 'kubernetes', 'cluster');
const store = await openSqliteStore({ path: join(directory, 'store.db') });
const scheme = createScheme(coreKinds);
const verbs = await createVerbs({ store, scheme });
const server = await startApiServer({
  verbs,
  scheme,
  clock: systemClock,
  nodeApis: () => undefined,
  authenticate: tokenAuthenticator(TOKEN, { user: 'bench', groups: [] }),
  log: { error: (fields, message) => console.error(message, fields) },
  version: 'bench',
  listen: { host: '127.0.0.1', port: 0 },
  ready: () => Promise.resolve([]),
  metrics: () => Promise.resolve(''),
});
const kubernetes = await startKubernetes();
try {
  const ours: Rates[] = [];
  const theirs: Rates[] = [];
  const raw: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    raw.push(rawCreates(round));
    ours.push(await measure(server.url, TOKEN, `round-${round}`));
    if (kubernetes) theirs.push(await measure(kubernetes.url, kubernetes.token, `round-${round}`));
  }
  const best = (rates: readonly Rates[], name: keyof Rates): number => Math.max(...rates.map((rate) => rate[name]));
  const peer = kubernetes ? { lone: best(theirs, 'lone'), shared: best(theirs, 'shared'), gets: best(theirs, 'gets') } : SEEN;
  const said = kubernetes ? 'kube-apiserver, same run' : 'kube-apiserver, seen';
  const row = (bench: string, name: keyof Rates, against: number, what: string, goal: string, ok: (rate: number) => boolean): BenchRow => {
    const measured = best(ours, name);
    return {
      bench,
      measured: perSecond(measured, 1000),
      floor: `${what}: ${perSecond(against, 1000)}`,
      ratio: measured / against,
      goal,
      ok: ok(measured),
    };
  };
  const floor = Math.max(...raw);
  printReport([
    row('HTTP creates, 1 writer', 'lone', floor, 'raw SQLite FULL, lone', '>= 0.5', (rate) => rate >= 0.5 * floor),
    row('HTTP creates, 1 writer', 'lone', peer.lone, said, '>= 1', (rate) => rate >= peer.lone),
    row('HTTP creates, 64 writers', 'shared', peer.shared, said, '>= 2 or 2,400/s', (rate) => rate >= 2400 || rate >= 2 * peer.shared),
    row('HTTP gets', 'gets', peer.gets, said, '>= 2 or 4,100/s', (rate) => rate >= 4100 || rate >= 2 * peer.gets),
  ]);
} finally {
  await server.close();
  await verbs.close();
  await store.close();
  if (kubernetes) await run(cluster, ['down', kubernetes.directory]);
  rmSync(directory, { recursive: true });
}

async function measure(url: string, token: string, namespace: string): Promise<Rates> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'api-client.ts'), url, token, namespace]);
  return JSON.parse(stdout) as Rates;
}

/** Lone inserts a second of 600 bytes into a plain table, each synced. */
function rawCreates(round: number): number {
  const count = 400;
  const database = new DatabaseSync(join(directory, `raw-${round}.db`));
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE entry (key TEXT PRIMARY KEY, value TEXT)');
  const insert = database.prepare('INSERT INTO entry VALUES (?, ?)');
  const begun = performance.now();
  for (let i = 0; i < count; i++) insert.run(`key-${i}`, 'x'.repeat(600));
  const rate = (count / (performance.now() - begun)) * 1000;
  database.close();
  return rate;
}

/** A kube-apiserver when its binaries are built already: building takes minutes. */
async function startKubernetes(): Promise<{ url: string; token: string; directory: string } | undefined> {
  const cache = process.env['KUBE_CACHE'] ?? join(homedir(), '.cache', 'drover-test', 'kubernetes', '1.34.4');
  if (!existsSync(join(cache, 'kube-apiserver')) || !existsSync(cluster)) return undefined;
  const folder = join(directory, 'kubernetes');
  const { stdout } = await run(cluster, ['up', folder], { maxBuffer: 1 << 24 });
  const kubeconfig = readFileSync(stdout.trim().split('\n').at(-1)!, 'utf8');
  return { url: /server: "([^"]+)"/.exec(kubeconfig)![1]!, token: /token: "([^"]+)"/.exec(kubeconfig)![1]!, directory: folder };
}
