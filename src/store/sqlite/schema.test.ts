import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkFile, migrate, MIGRATIONS } from './schema.ts';

describe('The schema of a store file', () => {
  let db: DatabaseSync;
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
  });
  afterEach(() => db.close());

  const next = [
    ...MIGRATIONS,
    "ALTER TABLE log ADD COLUMN writer TEXT NOT NULL DEFAULT 'nobody'",
    'CREATE INDEX logByWriter ON log (writer)',
  ];

  test('is made in an empty file, and then has the newest version', () => {
    expect(checkFile(db, 'a.db')).toBe(0);
    migrate(db, 0);
    expect(checkFile(db, 'a.db')).toBe(MIGRATIONS.length);
  });

  test('is brought up from an older version by the missing steps alone, with the data kept', () => {
    migrate(db, 0);
    db.exec("INSERT INTO log VALUES (1, '/a', 1, 0, 0, 'x')");
    const version = checkFile(db, 'a.db', next.length);
    migrate(db, version, next);
    expect(checkFile(db, 'a.db', next.length)).toBe(next.length);
    expect(db.prepare('SELECT key, writer FROM log').get()).toEqual({ key: '/a', writer: 'nobody' });
  });

  test('stays as it was when a step fails', () => {
    migrate(db, 0);
    expect(() => migrate(db, 1, [...next, 'INSERT INTO nowhere VALUES (1)'])).toThrow('nowhere');
    expect(checkFile(db, 'a.db')).toBe(1);
    expect(
      db
        .prepare('PRAGMA table_info(log)')
        .all()
        .map((column) => column['name']),
    ).not.toContain('writer');
  });

  test('is left alone when it is the newest', () => {
    migrate(db, 0);
    migrate(db, MIGRATIONS.length);
    expect(checkFile(db, 'a.db')).toBe(MIGRATIONS.length);
  });

  test('of a newer Drover is refused, with both versions named', () => {
    migrate(db, 0, next);
    expect(() => checkFile(db, 'a.db')).toThrow(
      expect.objectContaining({
        code: 'terminal',
        message: expect.stringMatching(/a\.db .*newer Drover \(schema 3; this one knows up to 1\)/) as string,
      }),
    );
  });

  test.each([
    ['tables', 'CREATE TABLE other (x)'],
    ['an application id', 'PRAGMA application_id = 7'],
    ['a version', 'PRAGMA user_version = 1'],
  ])('of another program, seen by %s, is refused', (_what, sql) => {
    db.exec(sql);
    expect(() => checkFile(db, 'a.db')).toThrow(
      expect.objectContaining({ code: 'terminal', message: expect.stringContaining('another program') as string }),
    );
  });
});
