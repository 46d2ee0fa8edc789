import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockHome } from './home-lock.ts';
import { locateHome, prepareHome, type Home } from './home.ts';
import { readServerRecord, writeServerRecord } from './server-record.ts';

let dir: string;
let home: Home;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'drover-home-'));
  home = locateHome({ DROVER_HOME: join(dir, 'home') });
  prepareHome(home);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Another process that holds the lock until it is killed. */
async function holder() {
  const module = JSON.stringify(new URL('./home-lock.ts', import.meta.url).href);
  const script = `const { lockHome } = await import(${module}); lockHome(${JSON.stringify(home)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('the home directory', () => {
  it('is made with mode 0700, and tightened when it was wider', () => {
    expect(statSync(home.dir).mode & 0o777).toBe(0o700);
    chmodSync(home.dir, 0o755);
    prepareHome(home);
    expect(statSync(home.dir).mode & 0o777).toBe(0o700);
  });

  it('is never a directory that holds other things', () => {
    const other = join(dir, 'other');
    mkdirSync(join(other, 'photos'), { recursive: true });
    expect(() => prepareHome(locateHome({ DROVER_HOME: other }))).toThrow('is not empty and no home of Drover');
    expect(existsSync(join(other, 'photos'))).toBe(true);
  });

  it('is locked by one process: a second one is told who holds it', async () => {
    const child = await holder();
    writeServerRecord(home, { pid: child.pid!, url: 'http://127.0.0.1:1', version: '0', startedAt: '2026-01-01T00:00:00Z' });
    expect(() => lockHome(home)).toThrow(`in use by process ${child.pid}, serving http://127.0.0.1:1 since 2026-01-01T00:00:00Z`);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('is free again as soon as its holder is killed', async () => {
    const child = await holder();
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockHome(home).release();
  });

  it('can be locked again after a release, and a release twice does no harm', () => {
    const lock = lockHome(home);
    lock.release();
    lock.release();
    lockHome(home).release();
  });

  it('reads a damaged server record as none', async () => {
    const { writeFileSync } = await import('node:fs');
    writeFileSync(home.serverRecord, '{"pid": 1');
    expect(readServerRecord(home)).toBeUndefined();
  });
});
