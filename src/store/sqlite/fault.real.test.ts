import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasCode } from '../../base/errors.ts';
import { APPLICATION_ID } from './schema.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';

describe('The SQLite store', () => {
  let directory: string;
  let path: string;
  const opened: SqliteStore[] = [];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'drover-fault-'));
    path = join(directory, 'store.db');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    rmSync(directory, { recursive: true });
  });

  async function open(options: { maxSizeMiB?: number } = {}): Promise<SqliteStore> {
    const store = await openSqliteStore({ path, ...options });
    opened.push(store);
    return store;
  }

  test('keeps its files to itself', async () => {
    await (await open()).create('/a', 'secret');
    for (const suffix of ['', '-wal', '-shm', '.lock']) expect(statSync(`${path}${suffix}`).mode & 0o077).toBe(0);
  });

  test('is held by one opener at a time', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/store\.db is in use/) });
    await first.close();
    await (await open()).create('/a', '');
  });

  test.each([
    [
      'lies in a directory that is not there',
      () => (path = join(directory, 'none', 'store.db')),
      'terminal',
      /none\/store\.db cannot be read or written/,
    ],
    ['is no database', () => writeFileSync(path, 'x'.repeat(9000)), 'terminal', /store\.db is damaged .*drover restore FILE/],
    ['belongs to another program', () => alter('CREATE TABLE other (x)'), 'terminal', /another program/],
    [
      'was written by a newer Drover',
      () => alter(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 999`),
      'terminal',
      /newer Drover \(schema 999/,
    ],
  ])('is refused in one line when it %s, and left as it was', async (_what, prepare, code, message) => {
    prepare();
    const before = read();
    await expect(open()).rejects.toMatchObject({ name: 'DroverError', code, message: expect.stringMatching(message) });
    await expect(open()).rejects.toMatchObject({ message: expect.not.stringContaining('\n') });
    expect(read()).toEqual(before);
  });

  test('with a damaged page is refused when it is opened', async () => {
    await fill(await open(), 300);
    await opened.pop()!.close();
    overwritePages(path, 10, 60);
    await expect(open()).rejects.toMatchObject({ code: 'terminal', message: expect.stringMatching(/damaged/) });
  });

  test('that is damaged while it is open says so where it is read, and what it can still read stays readable', async () => {
    const store = await open();
    await fill(store, 3000);
    await opened.pop()!.close();
    // Damage that comes after the check at the start: the pages are not in any cache yet.
    const again = await open();
    const pages = Math.floor(statSync(path).size / 4096);
    overwritePages(path, Math.floor(pages / 2), pages);
    const results = await Promise.allSettled(Array.from({ length: 3000 }, (_, i) => again.get(`/k/${i}`)));
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost.length).toBeGreaterThan(0);
    for (const result of lost) expect(result.reason).toMatchObject({ code: 'terminal', message: expect.stringMatching(/damaged/) });
    expect(results.length - lost.length).toBeGreaterThan(0);
  });

  test('at its size limit refuses writes as unavailable, loses none that it acknowledged, stays readable, and takes writes again when there is room', async () => {
    await fillUp(await open({ maxSizeMiB: 1 }), path);
    await opened.pop()!.close();
    const roomy = await open();
    expect((await roomy.create('/z', 'y'.repeat(5000))).modRevision).toBe(roomy.revision());
  });

  test('on a full disk does the same', async ({ skip }) => {
    const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', directory]);
    if (probe.status !== 0) {
      console.log(`skipped: no small disk can be made here (${String(probe.stderr ?? probe.error).trim()})`);
      return skip('needs the right to mount');
    }
    const module = new URL('./sqlite-store.ts', import.meta.url).href;
    const program = `
      const { openSqliteStore } = await import(${JSON.stringify(module)});
      const store = await openSqliteStore({ path: ${JSON.stringify(path)} });
      const acknowledged = [];
      let fault;
      for (let i = 0; !fault; i++) {
        await store.create('/k/' + i, 'y'.repeat(5000)).then((entry) => acknowledged.push(entry), (error) => (fault = error));
      }
      let lost = 0;
      for (const entry of acknowledged) if ((await store.get(entry.key))?.modRevision !== entry.modRevision) lost++;
      const { rmSync } = await import('node:fs');
      rmSync(${JSON.stringify(join(directory, 'ballast'))});
      const next = await store.create('/after', '');
      await store.close();
      console.log(JSON.stringify({ code: fault.code, message: fault.message, count: acknowledged.length, lost, gap: next.modRevision - acknowledged.length }));`;
    const script = `mount -t tmpfs -o size=4m tmpfs "$1" && head -c 1000000 /dev/zero > "$1/ballast" && exec "$2" --input-type=module -e "$3"`;
    const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', directory, process.execPath, program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk as string;
    const told = JSON.parse(output) as { code: string; message: string; count: number; lost: number; gap: number };
    expect(told).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/store\.db is full/), lost: 0, gap: 1 });
    expect(told.count).toBeGreaterThan(100);
  });

  function read(): Buffer | string {
    try {
      return readFileSync(path);
    } catch {
      return 'absent';
    }
  }

  function alter(sql: string): void {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }
});

/** Writes until the store is full, then checks what must hold in that state. */
async function fillUp(store: SqliteStore, path: string): Promise<void> {
  const acknowledged: string[] = [];
  let fault: unknown;
  for (let i = 0; !fault; i += 10) {
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, j) => store.create(`/k/${i + j}`, 'y'.repeat(5000))));
    for (const result of results) {
      if (result.status === 'fulfilled') acknowledged.push(result.value.key);
      else fault ??= result.reason;
    }
  }
  if (!hasCode(fault, 'unavailable')) throw fault;
  expect(fault.message).toMatch(`The disk of ${path} is full, or the store has reached its size limit`);
  expect(store.revision()).toBe(acknowledged.length);
  expect((await store.list('/k/')).entries.map(({ key }) => key).sort()).toEqual(acknowledged.sort());
  await expect(store.create('/more', 'y'.repeat(50_000))).rejects.toMatchObject({ code: 'unavailable' });
  expect(store.revision()).toBe(acknowledged.length);
}

async function fill(store: SqliteStore, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, i) => store.create(`/k/${i}`, 'y'.repeat(1500))));
}

function overwritePages(path: string, from: number, to: number): void {
  const descriptor = openSync(path, 'r+');
  for (let page = from; page < to; page++) writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(descriptor);
}
