import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine, LogOptions } from '../driver.ts';
import { logExtent, readLog } from './log-file.ts';
import { type LogSample, parseSamples, timeAt } from './log-times.ts';

/** Longer lines are split, at whole characters. */
const LINE_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** The task that a log belongs to. */
export interface LogOwner {
  readonly taskDir: string;
  readonly startedAtMs: number;
  nowMs(): number;
  isLive(): boolean;
  /** Calls back once at the task's end (at once when it has ended); the returned function cancels. */
  onEnd(callback: () => void): () => void;
}

/** The lines of a task's log, as LogOptions says. Ends without error on abort and when the task is removed meanwhile. */
export async function* logLines(owner: LogOwner, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
  try {
    yield* options.follow ? follow(owner, options, signal) : present(owner, options, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function* present(owner: LogOwner, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
  const reader = await openReader(owner, options);
  yield* await lastOf(reader.lines(signal, true), options.tailLines);
}

async function* follow(owner: LogOwner, options: LogOptions, signal: AbortSignal): AsyncGenerator<LogLine> {
  const change = changes(owner, signal);
  try {
    const reader = await openReader(owner, options);
    yield* await lastOf(reader.lines(signal, false), options.tailLines);
    while (!signal.aborted) {
      // Asked before reading: what a task wrote before its end is read after it.
      const live = owner.isLive();
      yield* reader.lines(signal, !live);
      if (!live) return;
      await change.next();
      reader.restedUntil(owner.nowMs());
    }
  } finally {
    change.stop();
  }
}

/** Collects, when only the last lines are wanted; else passes through. */
async function lastOf(lines: AsyncGenerator<LogLine>, tailLines: number | undefined): Promise<AsyncIterable<LogLine> | Iterable<LogLine>> {
  if (tailLines === undefined) return lines;
  const last: LogLine[] = [];
  for await (const line of lines) {
    last.push(line);
    if (last.length > 2 * tailLines + 1000) last.splice(0, last.length - tailLines);
  }
  return last.slice(last.length - Math.min(tailLines, last.length));
}

async function openReader(owner: LogOwner, options: LogOptions) {
  const { taskDir } = owner;
  let samples: LogSample[] = [{ offset: 0, atMs: owner.startedAtMs }];
  let offset = options.tailLines === undefined ? 0 : await tailOffset(taskDir, options.tailLines);
  let rest = Buffer.alloc(0);
  let rests: LogSample[] = [];

  /** The samples on disk, where the log was at rest, and its present end. */
  async function learnTimes(end: number, writtenAtMs: number): Promise<void> {
    const known = parseSamples(await readFile(join(taskDir, 'log.times'), 'latin1').catch(() => ''));
    const all = [{ offset: 0, atMs: owner.startedAtMs }, ...known, ...rests, { offset: end, atMs: writtenAtMs }].sort(
      (a, b) => a.offset - b.offset,
    );
    let latest = owner.startedAtMs;
    samples = all.map(({ offset, atMs }) => ({ offset, atMs: (latest = Math.max(latest, atMs)) }));
  }

  function* line(bytes: Buffer, endOffset: number): Generator<LogLine> {
    const atMs = timeAt(samples, endOffset);
    if (options.sinceMs !== undefined && atMs < options.sinceMs) return;
    yield { text: bytes.toString('utf8'), atMs };
  }

  return {
    /** Nothing was written between the last reading and now: what comes next was not written before. */
    restedUntil(atMs: number): void {
      rests = [{ offset, atMs }];
    },
    /** Lines up to the present end; `andRest`: also one that has no newline (yet). */
    async *lines(signal: AbortSignal, andRest: boolean): AsyncGenerator<LogLine> {
      for (let first = true; !signal.aborted; first = false) {
        const chunk = await readLog(taskDir, offset, CHUNK_BYTES);
        // Bytes were rotated away before we came to them: the line they began in is lost with them.
        if (chunk.offset > offset && rest.length > 0) rest = Buffer.alloc(0);
        if (chunk.bytes.length === 0) break;
        if (first || chunk.extent.end > samples.at(-1)!.offset) await learnTimes(chunk.extent.end, chunk.extent.writtenAtMs);
        const bytes = rest.length > 0 ? Buffer.concat([rest, chunk.bytes]) : chunk.bytes;
        const bytesOffset = chunk.offset - rest.length;
        let start = 0;
        while (start < bytes.length) {
          const newline = bytes.indexOf(10, start);
          const end = newline < 0 ? bytes.length : newline;
          if (end - start > LINE_BYTES) {
            const cut = wholeCharacters(bytes, start, start + LINE_BYTES);
            yield* line(bytes.subarray(start, cut), bytesOffset + cut);
            start = cut;
          } else if (newline < 0) break;
          else {
            yield* line(bytes.subarray(start, newline), bytesOffset + newline + 1);
            start = newline + 1;
          }
        }
        rest = Buffer.from(bytes.subarray(start));
        offset = chunk.offset + chunk.bytes.length;
      }
      if (andRest && rest.length > 0 && !signal.aborted) {
        yield* line(rest, offset);
        rest = Buffer.alloc(0);
      }
    },
  };
}

/** Where the last `count` lines begin; a last line without newline is one. */
async function tailOffset(taskDir: string, count: number): Promise<number> {
  const { from, end } = await logExtent(taskDir);
  if (count === 0) return end;
  let wanted = count;
  for (let high = end; high > from;) {
    const low = Math.max(from, high - CHUNK_BYTES);
    const bytes = await readBetween(taskDir, low, high);
    for (let i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] !== 10 || low + i === end - 1) continue;
      if (--wanted === 0) return low + i + 1;
    }
    high = low;
  }
  return from;
}

async function readBetween(taskDir: string, low: number, high: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset = low; offset < high;) {
    const chunk = await readLog(taskDir, offset, high - offset);
    if (chunk.bytes.length === 0 || chunk.offset >= high) break;
    if (chunk.offset > offset) parts.push(Buffer.alloc(chunk.offset - offset));
    parts.push(chunk.bytes);
    offset = chunk.offset + chunk.bytes.length;
  }
  return Buffer.concat(parts).subarray(0, high - low);
}

/** The greatest cut <= `end` that does not lie inside a UTF-8 character. */
function wholeCharacters(bytes: Buffer, start: number, end: number): number {
  for (let cut = end; cut > end - 4 && cut > start; cut--) {
    if ((bytes[cut]! & 0xc0) !== 0x80) return cut;
  }
  return end;
}

/** Tells of writes to the log, the task's end and abort: `next` resolves when any came since it last did. */
function changes(owner: LogOwner, signal: AbortSignal) {
  let changed = false;
  let wake = () => {};
  const notice = () => {
    changed = true;
    wake();
  };
  const watcher = watch(join(owner.taskDir, 'log'), { persistent: false }, notice);
  watcher.on('error', notice);
  const cancelEnd = owner.onEnd(notice);
  signal.addEventListener('abort', notice);
  return {
    async next(): Promise<void> {
      if (!changed && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      changed = false;
    },
    stop(): void {
      watcher.close();
      cancelEnd();
      signal.removeEventListener('abort', notice);
    },
  };
}
