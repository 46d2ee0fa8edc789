import { chmod, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import type { PackageVersion } from '../../model/drover/package.ts';
import { createPackageCache } from './create-package-cache.ts';

const version: PackageVersion = {
  version: '1.0',
  process: { maven: ['org.example:thing:1.0'], requires: [{ program: 'mvn', apt: 'maven' }] },
};
const silent = { info: () => undefined };
const alive = new AbortController().signal;

let directory: string;
let path: string | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drover-packages-'));
  path = process.env['PATH'];
});

afterEach(async () => {
  process.env['PATH'] = path;
  await rm(directory, { recursive: true, force: true });
});

/** Puts a `mvn` in front of the PATH: a script that gets the output directory as $out and writes each call to calls.txt. */
async function fakeMaven(body: string): Promise<void> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh
case "$1" in -version) echo 'Apache Maven 3.8.7'; exit 0;; esac
echo "$$" >> ${directory}/calls.txt
for word in "$@"; do case "$word" in -DoutputDirectory=*) out=\${word#*=};; esac; done
${body}
`;
  await writeFile(join(bin, 'mvn'), script);
  await chmod(join(bin, 'mvn'), 0o755);
  process.env['PATH'] = `${bin}:${path}`;
}

const cache = () => createPackageCache({ dir: join(directory, 'cache'), log: silent, clock: systemClock });
const calls = async () => (await readFile(join(directory, 'calls.txt'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
const kept = async () => (await readdir(join(directory, 'cache/thing')).catch(() => [])).filter((name) => !name.endsWith('.lock'));

const good = `echo '[INFO] Downloaded from central: https://repo/thing-1.0.jar (5 kB at 9 MB/s)'; printf thing > $out/thing-1.0.jar`;

describe('a package is complete or absent', () => {
  it('is fetched once and found from then on', async () => {
    await fakeMaven(good);
    const seen: string[] = [];
    const first = await cache().ensure('thing', version, { onProgress: (progress) => seen.push(progress.message), signal: alive });
    const second = await cache().ensure('thing', version, { signal: alive });
    expect(first).toBe(join(directory, 'cache/thing/1.0'));
    expect(second).toBe(first);
    expect(await readFile(join(first, 'libs/thing-1.0.jar'), 'utf8')).toBe('thing');
    expect(await calls()).toHaveLength(1);
    expect(seen).toContain('thing 1.0: 1 files, 0.0 MB');
  });

  it('keeps nothing of a fetch that fails half way, and says why in one line', async () => {
    await fakeMaven(
      `printf half > $out/a.jar; echo '[ERROR] Could not transfer artifact a:b:jar:1 from/to central (https://repo): Connection reset'; exit 1`,
    );
    const failure = cache().ensure('thing', version, { signal: alive });
    await expect(failure).rejects.toMatchObject({
      code: 'unavailable',
      message:
        'thing 1.0 could not be fetched: central (https://repo) cannot be reached: Connection reset; check the network, or a proxy or mirror in ~/.m2/settings.xml.',
    });
    expect(await kept()).toEqual([]);
  });

  it('takes a success without files for a failure', async () => {
    await fakeMaven('exit 0');
    await expect(cache().ensure('thing', version, { signal: alive })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await kept()).toEqual([]);
  });

  it('is fetched anew when a file lost bytes, and what an earlier process left half done is removed', async () => {
    await fakeMaven(good);
    const where = await cache().ensure('thing', version, { signal: alive });
    await truncate(join(where, 'libs/thing-1.0.jar'), 2);
    await mkdir(join(directory, 'cache/thing/.fetch-1.0-left/libs'), { recursive: true });
    await cache().ensure('thing', version, { signal: alive });
    expect(await readFile(join(where, 'libs/thing-1.0.jar'), 'utf8')).toBe('thing');
    expect(await calls()).toHaveLength(2);
    expect(await kept()).toEqual(['1.0']);
  });

  it('verify finds a changed byte that sizes do not show', async () => {
    await fakeMaven(good);
    const it = cache();
    const where = await it.ensure('thing', version, { signal: alive });
    expect(await it.verify('thing', version)).toBeUndefined();
    await writeFile(join(where, 'libs/thing-1.0.jar'), 'thinG');
    expect(await it.verify('thing', version)).toBe('thing-1.0.jar does not have the SHA-256 it was fetched with');
  });

  it('is fetched anew when the same version has other coordinates', async () => {
    await fakeMaven(good);
    await cache().ensure('thing', version, { signal: alive });
    const other: PackageVersion = { version: '1.0', process: { maven: ['org.example:thing:1.0', 'org.example:more:1.0'], requires: [] } };
    await cache().ensure('thing', other, { signal: alive });
    expect(await calls()).toHaveLength(2);
  });
});

describe('callers share one fetch', () => {
  it('of one process', async () => {
    await fakeMaven(`sleep 0.2; ${good}`);
    const shared = cache();
    await Promise.all([1, 2, 3].map(() => shared.ensure('thing', version, { signal: alive })));
    expect(await calls()).toHaveLength(1);
  });

  it('of two processes', async () => {
    await fakeMaven(`sleep 0.2; ${good}`);
    await Promise.all([1, 2, 3].map(() => cache().ensure('thing', version, { signal: alive })));
    expect(await calls()).toHaveLength(1);
  });

  it('and one who gives up does not end it for the others', async () => {
    await fakeMaven(`sleep 0.3; ${good}`);
    const shared = cache();
    const abort = new AbortController();
    const leaver = shared.ensure('thing', version, { signal: abort.signal, onProgress: () => abort.abort(new Error('gave up')) });
    const stayer = shared.ensure('thing', version, { signal: alive });
    await expect(leaver).rejects.toThrow('gave up');
    expect(await stayer).toBe(join(directory, 'cache/thing/1.0'));
    expect(await calls()).toHaveLength(1);
  });
});

describe('a fetch ends', () => {
  it('with all its processes when it is aborted, and leaves nothing', async () => {
    await fakeMaven(`echo '[INFO] Downloaded from c: https://r/x.jar (1 B at 1 B/s)'; sleep 1000 & wait`);
    const abort = new AbortController();
    const onProgress = (p: { message: string }) => void (p.message.includes('files') && abort.abort(new Error('stop')));
    await expect(cache().ensure('thing', version, { signal: abort.signal, onProgress })).rejects.toThrow('stop');
    const [pid] = await calls();
    expect(await groupMembers(pid!)).toEqual([]);
    expect(await kept()).toEqual([]);
  });

  it('when mvn says nothing for five minutes', async () => {
    await fakeMaven(`echo '[INFO] Downloaded from c: https://r/x.jar (1 B at 1 B/s)'; sleep 1000`);
    const clock = new FakeClock();
    const slow = createPackageCache({ dir: join(directory, 'cache'), log: silent, clock });
    const onProgress = (p: { message: string }) => void (p.message.includes('files') && setImmediate(() => clock.advance(5 * 60_000)));
    await expect(slow.ensure('thing', version, { signal: alive, onProgress })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('mvn has said nothing for 5 minutes') as string,
    });
    expect(await kept()).toEqual([]);
  });
});

describe('what cannot be', () => {
  it('a missing program is named with what brings it', async () => {
    await fakeMaven(good);
    const old: PackageVersion = {
      version: '1.0',
      process: { maven: ['a:b:1'], requires: [{ program: 'mvn', minVersion: 99, apt: 'maven-99 | maven' }] },
    };
    await expect(cache().ensure('thing', old, { signal: alive })).rejects.toMatchObject({
      code: 'invalid',
      message: 'thing 1.0 needs mvn 99 or newer (found 3.8.7); install it first, on Debian and Ubuntu: sudo apt-get install maven-99.',
    });
  });

  it.each([
    ['a name that leaves the cache', '../thing', version],
    ['no Maven coordinates', 'thing', { version: '1.0' }],
    ['coordinates that would end the XML', 'thing', { version: '1.0', process: { maven: ['a:b:<x>'], requires: [] } }],
  ])('%s is invalid', async (_, name, wrong) => {
    await expect(cache().ensure(name, wrong, { signal: alive })).rejects.toMatchObject({ code: 'invalid' });
  });
});

it('a real artifact comes with its dependencies', async () => {
  const real: PackageVersion = {
    version: '1.7.36',
    process: { maven: ['org.slf4j:slf4j-nop:1.7.36'], requires: [{ program: 'mvn', apt: 'maven' }] },
  };
  const it = cache();
  const where = await it.ensure('slf4j', real, { signal: alive });
  expect((await readdir(join(where, 'libs'))).sort()).toEqual(['slf4j-api-1.7.36.jar', 'slf4j-nop-1.7.36.jar']);
  expect(await it.verify('slf4j', real)).toBeUndefined();
});

/** Processes of a group that still run; one that only waits to be reaped by init does not. */
async function groupMembers(group: string): Promise<string[]> {
  const child = spawn('ps', ['-o', 'stat=,pid=', '-g', group], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return text.split('\n').filter((line) => /^[^Z\s]/.test(line));
}
