import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { runScript } from './run-script.ts';

const dir = mkdtempSync(join(tmpdir(), 'drover-run-'));
mkdirSync(join(dir, 'work'));
afterAll(() => rmSync(dir, { recursive: true }));

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0') && value.isWellFormed());
const name = fc.oneof(
  fc.constantFrom('A', 'IFS', 'OPTIND', 'PPID', 'UID', 'a.b', 'with space', "it's", '-x', '_', 'key', 'state', 'PS1'),
  text.filter((value) => value !== '' && !value.includes('=')),
);

test('whatever environment and arguments a task has, it gets them byte for byte', () => {
  fc.assert(
    fc.property(fc.dictionary(name, text, { maxKeys: 5, noNullPrototype: true }), fc.array(text, { maxLength: 4 }), (env, args) => {
      // Shells set these themselves when they start.
      for (const own of ['_', 'PWD', 'OLDPWD', 'SHLVL', 'PATH']) delete env[own];
      const print = 'process.stdout.write(JSON.stringify([process.env, process.argv.slice(1)]))';
      const command = [process.execPath, '-e', print, '--', ...args];
      writeFileSync(join(dir, 'run'), runScript({ command, env, setsid: '/usr/bin/setsid', envProgram: '/usr/bin/env' }));
      const output = execFileSync('/bin/sh', ['-c', 'set --; . ./run'], { cwd: dir, encoding: 'utf8', env: {} });
      const [seenEnv, seenArgs] = JSON.parse(output) as [Record<string, string>, string[]];
      expect(seenArgs).toEqual(args);
      expect(seenEnv).toMatchObject(env);
    }),
    { numRuns: 40 },
  );
});
