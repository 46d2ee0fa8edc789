import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareWrites } from './apply.ts';
import { preparePurge } from './purge.ts';
import { migrate } from './schema.ts';

describe('What a compaction has promised to forget', () => {
  let db: DatabaseSync;
  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    migrate(db, 0);
    const writes = prepareWrites(db);
    // One key updated 3,000 times, then one made and deleted, then one that stays.
    writes.apply({ verb: 'create', key: '/busy', value: '1' }, 1);
    for (let r = 2; r <= 3000; r++) writes.apply({ verb: 'update', key: '/busy', value: `${r}`, expectedRevision: r - 1 }, r);
    writes.apply({ verb: 'create', key: '/gone', value: 'x' }, 3001);
    writes.apply({ verb: 'delete', key: '/gone', expectedRevision: 3001 }, 3002);
    writes.apply({ verb: 'create', key: '/stays', value: 'x' }, 3003);
  });
  afterEach(() => db.close());

  const revisions = () =>
    db
      .prepare('SELECT revision FROM log ORDER BY revision')
      .all()
      .map((row) => row['revision']);

  test('goes in bounded steps, each its own transaction, until the newest of each key is left', () => {
    const purge = preparePurge(db);
    purge.promise(3003);
    let before = revisions().length;
    let steps = 0;
    for (let more = true; more; steps++) {
      more = purge.step();
      const now = revisions().length;
      expect(before - now).toBeLessThanOrEqual(1000);
      expect(db.isTransaction).toBe(false);
      before = now;
    }
    expect(steps).toBeGreaterThan(5);
    expect(revisions()).toEqual([3000, 3003]);
    expect(purge.step()).toBe(false);
  });

  test('leaves everything that a list or a watch at the promised revision needs', () => {
    const purge = preparePurge(db);
    purge.promise(2998);
    while (purge.step());
    expect(revisions()).toEqual([2998, 2999, 3000, 3001, 3002, 3003]);
  });

  test('is taken up where it was left, by whoever opens the file next', () => {
    const first = preparePurge(db);
    first.promise(3003);
    first.step();
    const second = preparePurge(db);
    while (second.step());
    expect(revisions()).toEqual([3000, 3003]);
  });
});
