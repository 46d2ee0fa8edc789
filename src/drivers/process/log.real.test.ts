import { appendFile, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { taskKey } from '../check-task.ts';
import type { Driver, LogLine, LogOptions } from '../driver.ts';
import { logExtent, readLog, rotateLog } from './log-file.ts';
import { logLines } from './log-lines.ts';
import { openProcessDriver } from './process-driver.ts';
import { endAllTasks } from './real-machine.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'drover-log-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

const path = (name: string) => join(dir, name);
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join('');

async function collect(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** Lines of a task that has ended, whose directory is `dir`. */
function lines(options: LogOptions = {}, startedAtMs = 0): Promise<LogLine[]> {
  const owner = {
    taskDir: dir,
    startedAtMs,
    nowMs: () => Date.now(),
    isLive: () => false,
    onEnd: (callback: () => void) => (callback(), () => {}),
  };
  return collect(logLines(owner, options, new AbortController().signal));
}
const text = async (options?: LogOptions) => (await lines(options)).map((line) => line.text);

describe.each([
  ['with punched holes', undefined],
  ['by copy and cut, where holes cannot be punched', '/nowhere'],
])('rotation %s', (_, searchPath) => {
  beforeEach(() => {
    if (searchPath) vi.stubEnv('PATH', searchPath);
  });

  test('keeps the last part, whole lines, and what is written after', async () => {
    await writeFile(path('log'), numbered(0, 20_000));
    await rotateLog(dir, 50_000);
    await appendFile(path('log'), numbered(20_000, 20_100));
    const kept = await text();
    const first = Number(kept[1]?.split(' ')[1]);
    expect(kept.slice(1)).toEqual(numbered(first, 20_100).trimEnd().split('\n'));
    expect(kept.join('\n').length).toBeGreaterThan(50_000);
    expect(kept.join('\n').length).toBeLessThan(53_000);
  });

  test('again and again bounds the disk and keeps the stream together', async () => {
    await writeFile(path('log'), '');
    for (let round = 0; round < 10; round++) {
      await appendFile(path('log'), numbered(round * 1000, round * 1000 + 1000));
      await rotateLog(dir, 100_000);
      expect(await text()).toEqual(
        numbered(round * 1000, round * 1000 + 1000)
          .trimEnd()
          .split('\n'),
      );
    }
    expect((await stat(path('log'))).blocks * 512).toBeLessThanOrEqual(8192);
    const extent = await logExtent(dir);
    expect(extent.end).toBe(numbered(0, 10_000).length);
    expect((await readLog(dir, 0, 10)).offset).toBe(extent.from);
  });

  test('tail reaches over both parts', async () => {
    await writeFile(path('log'), numbered(0, 100));
    await rotateLog(dir, 50_000);
    await appendFile(path('log'), numbered(100, 103));
    expect(await text({ tailLines: 5 })).toEqual(numbered(98, 103).trimEnd().split('\n'));
  });
});

describe('lines', () => {
  test('longer than 64 KiB are split between characters', async () => {
    const long = 'ä'.repeat(100_000);
    await writeFile(path('log'), `a\n${long}\nb\n`);
    const found = await text();
    expect(found.length).toBe(6);
    expect(found.join('')).toBe(`a${long}b`);
  });

  test('of binary junk are lines all the same', async () => {
    const junk = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256));
    await writeFile(path('log'), junk);
    expect((await text()).length).toBeGreaterThanOrEqual(junk.filter((byte) => byte === 10).length);
    expect((await text({ tailLines: 3 })).length).toBe(3);
  });

  test.each([
    ['with newline at the end', 'a\nb\n', ['b']],
    ['without', 'a\nb', ['b']],
    ['empty', 'a\n\n', ['']],
  ])('tail counts a last line %s', async (_, log, last) => {
    await writeFile(path('log'), log);
    expect(await text({ tailLines: 1 })).toEqual(last);
  });

  test('tail finds its start far behind the end', async () => {
    await writeFile(path('log'), numbered(0, 100_000));
    expect(await text({ tailLines: 50_000 })).toEqual(numbered(50_000, 100_000).trimEnd().split('\n'));
  });

  test('that nobody saw being written get times between the last sample and the last write', async () => {
    await writeFile(path('log'), 'seen\n' + 'down\n'.repeat(9));
    await writeFile(path('log.times'), '0 1000\n5 1000\n');
    await utimes(path('log'), 10, 10);
    const times = (await lines()).map((line) => line.atMs);
    expect(times).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
    expect(await text({ sinceMs: 8500 })).toEqual(['down', 'down']);
  });

  test('have times also when the samples are damaged', async () => {
    await writeFile(path('log'), 'a\nb\n');
    await writeFile(path('log.times'), '2 5000\nrubbish\n1 9000\n4 60');
    await utimes(path('log'), 8, 8);
    expect((await lines()).map((line) => line.atMs)).toEqual([5000, 8000]);
  });
});

describe('the log of a running task', () => {
  let driver: Driver;
  const id = 'chatty/main/0';
  const open = () => openProcessDriver({ dir, clock: systemClock, log: { info() {}, warn() {} } });
  const start = (script: string, maxLogBytes = 64 * 1024) =>
    driver.start({ id, label: 'test/chatty', command: ['sh', '-c', script], env: {}, files: [], mounts: [], maxLogBytes });
  const taskDir = () => join(dir, 'tasks', taskKey(id)!);

  beforeEach(async () => {
    driver = await open();
  });
  afterEach(async () => {
    await driver.close();
    await endAllTasks(dir);
  });

  test('is rotated while it runs, and a follower misses nothing', async () => {
    // 3 bursts of 20,000 bytes and more, a rotation's time apart.
    await start(
      `i=0; for burst in 1 2 3; do n=0; while [ $n -lt 3000 ]; do echo "line $i"; i=$((i+1)); n=$((n+1)); done; sleep 2.2; done`,
      32 * 1024,
    );
    const followed = await collect(driver.logs(id, { follow: true }, new AbortController().signal));
    expect(followed.map((line) => line.text)).toEqual(numbered(0, 9000).trimEnd().split('\n'));
    const { from, to, older } = await logExtent(taskDir());
    expect(older).toBeDefined();
    expect(to - from).toBeLessThanOrEqual(16 * 1024);
    expect(from).toBeGreaterThan(0);
  });

  test('that grew while Drover was down is cut at the next open', async () => {
    await start('exec sleep 1000000');
    await driver.close();
    await appendFile(join(taskDir(), 'log'), numbered(0, 20_000));
    driver = await open();
    while ((await logExtent(taskDir())).from === 0) await pause(20);
    const kept = await collect(driver.logs(id, {}, new AbortController().signal));
    expect(kept.at(-1)?.text).toBe('line 19999');
  });
});
