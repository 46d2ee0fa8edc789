import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installWithApt } from './install-programs.ts';
import { missingPrograms } from './required-programs.ts';
import type { PackageVersion } from '../../model/drover/package.ts';

const version: PackageVersion = {
  version: '1',
  process: {
    maven: ['a:b:1'],
    requires: [
      { program: 'java', minVersion: 17, apt: 'openjdk-17-jre-headless | default-jre-headless' },
      { program: 'mvn', apt: 'maven' },
    ],
  },
};
const signal = new AbortController().signal;

let bin: string;
let path: string | undefined;

// A PATH with nothing but what a test puts there: no test may install anything for real.
beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'drover-bin-'));
  path = process.env['PATH'];
  process.env['PATH'] = bin;
  await symlink('/usr/bin/env', join(bin, 'env'));
});

afterEach(async () => {
  process.env['PATH'] = path;
  await rm(bin, { recursive: true, force: true });
});

async function program(name: string, body: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(bin, name), 0o755);
}

/** sudo that runs what it is given, or asks for a password. */
const sudo = (allowed: boolean) => program('sudo', allowed ? 'shift; exec "$@"' : 'exit 1');
const trueProgram = () => program('true', 'exit 0');

it('what is missing and what is too old is found, with the version that is there', async () => {
  await program('java', `echo 'openjdk version "11.0.2" 2019' >&2`);
  expect(await missingPrograms(version)).toEqual([
    { program: 'java', minVersion: 17, found: '11.0.2', apt: ['openjdk-17-jre-headless', 'default-jre-headless'] },
    { program: 'mvn', minVersion: undefined, found: undefined, apt: ['maven'] },
  ]);
});

it('nothing is missing when all is there, also a Java that is newer', async () => {
  await program('java', `echo 'openjdk version "25" 2025' >&2`);
  await program('mvn', `echo 'Apache Maven 3.9.9'`);
  expect(await missingPrograms(version)).toEqual([]);
});

it('installs the first package that apt has, after it has said so', async () => {
  await trueProgram();
  await sudo(true);
  await program(
    'apt-get',
    `echo "$*" >> ${bin}/calls; case "$*" in *simulate*openjdk-17*) exit 100;; esac; case "$*" in *--yes*) echo Unpacking;; esac; exit 0`,
  );
  const lines: string[] = [];
  await installWithApt(await missingPrograms(version), (line) => lines.push(line), signal);
  expect(lines).toEqual(['Missing: java 17 or newer, mvn. Installing default-jre-headless maven with apt-get', 'Unpacking']);
  expect(await readFile(join(bin, 'calls'), 'utf8')).toContain('install --yes --no-install-recommends default-jre-headless maven');
});

it('without apt it says in one line what to install', async () => {
  await expect(installWithApt(await missingPrograms(version), () => undefined, signal)).rejects.toMatchObject({
    code: 'invalid',
    message: 'Missing: java 17 or newer, mvn. Install it first, on Debian and Ubuntu: sudo apt-get install openjdk-17-jre-headless maven',
  });
});

it('a failing apt-get is told by its own error', async () => {
  await trueProgram();
  await sudo(true);
  await program('apt-get', `case "$*" in *--yes*) echo 'E: Unable to locate package' >&2; exit 100;; esac; exit 0`);
  await expect(installWithApt(await missingPrograms(version), () => undefined, signal)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'apt-get install failed: Unable to locate package.',
  });
});
