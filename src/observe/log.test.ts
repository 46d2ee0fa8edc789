import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DroverError } from '../base/errors.ts';
import { createLog, withFields, type LogOptions } from './log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'drover-log-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(level: LogOptions['level'], use: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const file = join(directory, 'logs', 'server.log');
  const log = createLog({ file, ...(level && { level }) });
  use(log);
  log.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with time, level as a word, message and fields', () => {
  const [line] = write(undefined, (log) => log.info({ service: 'kafka', step: 'kafka-0:[broker]' }, 'step complete'));
  expect(line).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    service: 'kafka',
    step: 'kafka-0:[broker]',
    msg: 'step complete',
  });
});

test('lines below the level are not written', () => {
  const lines = write('warn', (log) => {
    log.info({}, 'i');
    log.warn({}, 'w');
    log.error({}, 'e');
  });
  expect(lines.map(({ msg }) => msg)).toEqual(['w', 'e']);
});

test('an error shows its code, message, stack and cause', () => {
  const error = new DroverError('unavailable', 'no answer', { cause: new Error('refused') });
  const [line] = write(undefined, (log) => log.error({ error }, 'failed'));
  expect(line!['error']).toMatchObject({
    code: 'unavailable',
    message: 'no answer',
    stack: expect.any(String),
    cause: { message: 'refused' },
  });
});

test('fields that a part of the program adds stand on each of its lines; a line’s own win', () => {
  const lines = write(undefined, (log) => {
    const own = withFields(log, { controller: 'gc', key: 'a' });
    own.info({}, 'one');
    own.warn({ key: 'b' }, 'two');
  });
  expect(lines.map(({ controller, key }) => [controller, key])).toEqual([
    ['gc', 'a'],
    ['gc', 'b'],
  ]);
});
