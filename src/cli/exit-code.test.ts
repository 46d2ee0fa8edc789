import { readFileSync } from 'node:fs';
import { ExitCode } from '@stricli/core';
import { expect, it } from 'vitest';
import { DroverError, type ErrorCode } from '../base/errors.ts';
import { exitCode, exitCodeOf, fromStricli } from './exit-code.ts';

it.each<[ErrorCode, number]>([
  ['invalid', 1],
  ['forbidden', 1],
  ['internal', 1],
  ['bad-request', 2],
  ['not-found', 3],
  ['conflict', 4],
  ['already-exists', 4],
  ['unavailable', 5],
  ['unauthorized', 5],
  ['timeout', 6],
])('a fault %s exits with %i', (code, expected) => {
  expect(exitCodeOf(new DroverError(code, 'a fault'))).toBe(expected);
});

it('any other fault exits with 1', () => {
  expect(exitCodeOf(new Error('a fault'))).toBe(1);
});

it.each<[number | undefined, number]>([
  [undefined, 0],
  [0, 0],
  [3, 3],
  [ExitCode.UnknownCommand, 2],
  [ExitCode.InvalidArgument, 2],
  [ExitCode.InternalError, 1],
])('what stricli calls %s exits with %i', (code, expected) => {
  expect(fromStricli(code)).toBe(expected);
});

it('the table of docs/cli.md lists each code once', () => {
  const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  const listed = [...docs.matchAll(/^\| (\d+) \| /gm)].map((match) => Number(match[1]));
  expect(listed).toEqual(Object.values(exitCode));
});
