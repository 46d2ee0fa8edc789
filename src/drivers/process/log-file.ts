import { execFile } from 'node:child_process';
import { type FileHandle, open, readdir, rename, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A task's log: one stream of bytes with offsets that count from its very beginning. The task appends to `log`; what was rotated out lies in
 * `log.1.<from>-<to>-<shift>`, whose name says which bytes it holds. `shift`: offset of the stream minus offset in `log`; 0 as long as rotation
 * can punch holes, since then `log` keeps its offsets (and looks large, but takes no disk).
 */
export interface LogExtent {
  /** The first byte that is still there. */
  readonly from: number;
  /** End of the older part, start of what only `log` has. */
  readonly to: number;
  /** End of the stream, now. */
  readonly end: number;
  readonly shift: number;
  /** File name of the older part; undefined before the first rotation. */
  readonly older: string | undefined;
  /** Last write, epoch ms. */
  readonly writtenAtMs: number;
}

const OLDER_NAME = /^log\.1\.(\d+)-(\d+)-(\d+)$/;
const COPY_BYTES = 256 * 1024;

/** What there is of the log in `taskDir`. Throws `ENOENT` when the task is gone. */
export async function logExtent(taskDir: string): Promise<LogExtent> {
  const names = (await readdir(taskDir)).filter((name) => OLDER_NAME.test(name));
  // Two of them are there while one replaces the other: the one that reaches further counts.
  const parts = names.map((name) => ({ name, numbers: OLDER_NAME.exec(name)!.slice(1).map(Number) as [number, number, number] }));
  const newest = parts.sort((a, b) => b.numbers[1] - a.numbers[1])[0];
  const [from, to, shift] = newest?.numbers ?? [0, 0, 0];
  const { size, mtimeMs } = await stat(join(taskDir, 'log'));
  // A log shorter than what was rotated out of it has been cut: its bytes go on where the older part ends.
  const realShift = size + shift < to ? to : shift;
  return { from, to, end: size + realShift, shift: realShift, older: newest?.name, writtenAtMs: Math.round(mtimeMs) };
}

/** Up to `length` bytes at `offset` of the stream, and the offset where they really begin: later than asked for when older bytes are gone. */
export async function readLog(
  taskDir: string,
  offset: number,
  length: number,
): Promise<{ offset: number; bytes: Buffer; extent: LogExtent }> {
  for (;;) {
    const extent = await logExtent(taskDir);
    const start = Math.max(offset, extent.from);
    const fromOlder = extent.older !== undefined && start < extent.to;
    const path = join(taskDir, fromOlder && extent.older ? extent.older : 'log');
    const position = fromOlder ? start - extent.from : start - extent.shift;
    const wanted = Math.max(0, Math.min(length, (fromOlder ? extent.to : extent.end) - start));
    const bytes = wanted === 0 ? Buffer.alloc(0) : await readAt(path, position, wanted);
    // A rotation under our hands may have deleted the part or punched a hole where we read: then once more.
    if (bytes && (await logExtent(taskDir)).older === extent.older) return { offset: start, bytes, extent };
  }
}

/**
 * Moves what is older than the end of `log` out into the older part, which is replaced, and frees its place in `log`. The task may write
 * meanwhile: with holes nothing is lost; where the file system (or fallocate) cannot punch them, lines written between copy and cut are.
 * Keeps at most `keepBytes` in the older part.
 */
export async function rotateLog(taskDir: string, keepBytes: number): Promise<void> {
  const extent = await logExtent(taskDir);
  const log = join(taskDir, 'log');
  const to = await lineEndBefore(log, extent.end - extent.shift, extent.to - extent.shift).then((position) => position + extent.shift);
  if (to <= extent.to) return;
  const from = Math.max(extent.to, to - keepBytes);
  const temporary = join(taskDir, 'log.1.tmp');
  await copyRange(log, from - extent.shift, to - extent.shift, temporary);
  const name = (shift: number) => join(taskDir, `log.1.${from}-${to}-${shift}`);
  await rename(temporary, name(extent.shift));
  if (extent.older) await rm(join(taskDir, extent.older), { force: true });
  try {
    const punch = ['--punch-hole', '--offset', '0', '--length', String(to - extent.shift), log];
    await promisify(execFile)('fallocate', punch);
  } catch {
    await truncate(log, 0);
    await rename(name(extent.shift), name(to));
  }
}

/** The end of the last whole line in [least, end) of a file, or `end` when a line is longer than 64 KiB. */
async function lineEndBefore(path: string, end: number, least: number): Promise<number> {
  const start = Math.max(least, end - 64 * 1024);
  const bytes = await readAt(path, start, end - start);
  const newline = bytes?.lastIndexOf(10) ?? -1;
  return newline < 0 ? end : start + newline + 1;
}

async function copyRange(source: string, from: number, to: number, target: string): Promise<void> {
  const input = await open(source, 'r');
  try {
    const output = await open(target, 'w', 0o600);
    try {
      for (let position = from; position < to;) {
        const bytes = await readFully(input, position, Math.min(COPY_BYTES, to - position));
        if (bytes.length === 0) break;
        await output.write(bytes);
        position += bytes.length;
      }
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
}

async function readAt(path: string, position: number, length: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      return await readFully(file, position, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
