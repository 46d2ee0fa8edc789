import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupSqlite, RESTORE_GAP, restoreSqlite } from './backup.ts';
import { openSqliteStore, type SqliteStore } from './sqlite-store.ts';

describe('Backup and restore', () => {
  let directory: string;
  let path: string;
  let file: string;
  let store: SqliteStore;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'drover-backup-'));
    path = join(directory, 'store.db');
    file = join(directory, 'backup.db');
    store = await openSqliteStore({ path });
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const values = async (of: SqliteStore) => (await of.list('')).entries.map(({ key, value }) => `${key}=${value}`);

  test('a backup under load shows exactly the state at the revision that it names', async () => {
    let writing = true;
    const load = Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; writing; i++) {
          const made = await store.create(`/w/${writer}/${i}`, `${i}`);
          if (i % 3 === 0) await store.delete(made.key, made.modRevision);
        }
      }),
    );
    const { revision } = await store.backup(file);
    writing = false;
    await load;
    const restored = join(directory, 'restored.db');
    await restoreSqlite(file, restored);
    const copy = await openSqliteStore({ path: restored });
    try {
      expect((await copy.list('')).entries).toEqual((await store.list('', { atRevision: revision })).entries);
    } finally {
      await copy.close();
    }
  });

  test('a backup is complete or absent, private, and replaces an older one', async () => {
    await store.create('/a', '1');
    writeFileSync(file, 'an older backup');
    expect(await store.backup(file)).toEqual({ revision: 1 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory).filter((name) => name.includes('partial'))).toEqual([]);
    await expect(store.backup(join(directory, 'none', 'backup.db'))).rejects.toMatchObject({ name: 'DroverError' });
  });

  test('a backup of another process sees what that one has committed', async () => {
    await store.create('/a', '1');
    expect(await backupSqlite(path, file)).toEqual({ revision: 1 });
  });

  test.each([
    ['onto the store itself', 'bad-request', () => store.backup(path)],
    ['of a store that is not there', 'not-found', () => backupSqlite(join(directory, 'none.db'), file)],
  ])('a backup %s is refused', async (_what, code, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ code });
    expect(existsSync(file)).toBe(false);
  });

  test('a restored store goes on beyond every revision of its earlier life, and old watches get compacted', async () => {
    await store.create('/kept', '1');
    await store.backup(file);
    await store.create('/lost', '1');
    const lost = await store.create('/lost/2', '1');
    await store.close();
    const { revision } = await restoreSqlite(file, path, { overwrite: true });
    expect(revision).toBe(lost.modRevision + RESTORE_GAP);
    store = await openSqliteStore({ path });
    expect(await values(store)).toEqual(['/kept=1']);
    expect(store.revision()).toBe(revision);
    const signal = new AbortController().signal;
    await expect(store.watch('', lost.modRevision, signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'compacted' });
    expect(await store.create('/lost', '2')).toMatchObject({ modRevision: revision + 1 });
    await expect(store.update('/lost', 'from an old reader', 2)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.get('/kept')).toMatchObject({ modRevision: 1 });
  });

  test('the replaced store is kept beside the new one, with all it had', async () => {
    await store.create('/a', '1');
    await store.backup(file);
    await store.create('/b', '1');
    await store.close();
    await restoreSqlite(file, path, { overwrite: true });
    store = await openSqliteStore({ path: `${path}.before-restore` });
    expect(await values(store)).toEqual(['/a=1', '/b=1']);
  });

  test('a restore can be repeated, each time further on', async () => {
    await store.create('/a', '1');
    await store.backup(file);
    await store.close();
    const first = await restoreSqlite(file, path, { overwrite: true });
    const second = await restoreSqlite(file, path, { overwrite: true });
    expect(second.revision).toBe(first.revision + RESTORE_GAP);
    store = await openSqliteStore({ path });
    expect(await values(store)).toEqual(['/a=1']);
  });

  test('a damaged store can be replaced', async () => {
    await store.create('/a', '1');
    await store.backup(file);
    await store.close();
    writeFileSync(path, 'no database at all');
    await restoreSqlite(file, path, { overwrite: true });
    store = await openSqliteStore({ path });
    expect(await values(store)).toEqual(['/a=1']);
  });

  describe('a restore changes nothing and is refused', () => {
    beforeEach(async () => {
      await store.create('/a', '1');
      await store.backup(file);
      await store.create('/b', '1');
    });
    afterEach(async () => {
      await store.close();
      store = await openSqliteStore({ path });
      expect(await values(store)).toEqual(['/a=1', '/b=1']);
      expect(readdirSync(directory).filter((name) => name.includes('partial') || name.includes('before'))).toEqual([]);
    });

    test('while the store is in use', async () => {
      await expect(restoreSqlite(file, path, { overwrite: true })).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('in use'),
      });
    });

    test('over a store, unless told to', async () => {
      await store.close();
      await expect(restoreSqlite(file, path)).rejects.toMatchObject({ code: 'already-exists' });
    });

    test('from a file that is not there', async () => {
      await store.close();
      await expect(restoreSqlite(`${file}.none`, path, { overwrite: true })).rejects.toMatchObject({ code: 'not-found' });
    });

    test.each([
      ['that is no database', () => writeFileSync(file, 'x'.repeat(5000)), 'damaged'],
      ['that is empty', () => writeFileSync(file, ''), 'no Drover store'],
      ['of another program', () => makeForeign(file), 'another program'],
      ['of a newer Drover', () => alter(file, 'PRAGMA user_version = 999'), 'newer Drover'],
      ['that was cut short', () => writeFileSync(file, new Uint8Array(statSync(file).size)), 'damaged'],
    ])('from a file %s', async (_what, spoil, message) => {
      await store.close();
      spoil();
      await expect(restoreSqlite(file, path, { overwrite: true })).rejects.toMatchObject({
        code: 'terminal',
        message: expect.stringContaining(message),
      });
    });
  });
});

function makeForeign(file: string): void {
  rmSync(file);
  alter(file, 'CREATE TABLE other (x)');
}

function alter(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}
