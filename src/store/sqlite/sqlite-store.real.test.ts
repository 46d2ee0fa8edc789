import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storeConformance } from '../conformance.ts';
import { openSqliteStore } from './sqlite-store.ts';

storeConformance('The SQLite store', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'drover-store-'));
  const open = () => openSqliteStore({ path: join(directory, 'store.db'), watchBounds: { changes: 100 } });
  let store = await open();
  return {
    store,
    watchBufferChanges: 100,
    async reopen() {
      await store.close();
      return (store = await open());
    },
    async close() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
});
