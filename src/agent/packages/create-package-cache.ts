import { mkdir, mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import type { PackageVersion } from '../../model/drover/package.ts';
import type { PackageCache, PackageProgress } from '../package-cache.ts';
import { lockFile } from './file-lock.ts';
import { describeLibs, MANIFEST, manifestProblem, readManifest } from './manifest.ts';
import { countLine } from './maven-output.ts';
import { COPY_GOAL, parseCoordinates, pomText } from './pom.ts';
import { missingPrograms, missingText } from './required-programs.ts';
import { runMaven } from './run-maven.ts';

/** The cache plus a thorough look at what it holds. */
export interface VerifiedPackageCache extends PackageCache {
  /** Reads every byte of a package version: what is wrong with it, undefined when all is well. */
  verify(name: string, version: PackageVersion): Promise<string | undefined>;
}

/** One line a fetch: where it came from and what it holds. */
interface CacheLog {
  info(fields: Record<string, unknown>, message: string): void;
}

interface Fetch {
  readonly done: Promise<string>;
  readonly abort: AbortController;
  readonly listeners: Set<(progress: PackageProgress) => void>;
  callers: number;
}

/**
 * Packages under `<dir>/<name>/<version>`, fetched by mvn with the user's settings into a directory beside it, described in a manifest and renamed: complete
 * or absent. A version is fetched by one process at a time (a kernel lock), by all callers of this process together; the last caller to abort
 * ends the fetch. `ensure` compares sizes; a directory that differs is fetched anew.
 */
export function createPackageCache(options: { readonly dir: string; readonly log: CacheLog; readonly clock: Clock }): VerifiedPackageCache {
  const { dir, log, clock } = options;
  const fetches = new Map<string, Fetch>();

  async function ensure(
    name: string,
    version: PackageVersion,
    { onProgress, signal }: { onProgress?: (progress: PackageProgress) => void; signal: AbortSignal },
  ): Promise<string> {
    signal.throwIfAborted();
    const wanted = checked(name, version);
    const directory = join(dir, name, version.version);
    if (await isComplete(directory, wanted)) return directory;
    const key = `${name}:${version.version}`;
    let fetch = fetches.get(key);
    if (!fetch) {
      const abort = new AbortController();
      const listeners: Fetch['listeners'] = new Set();
      const report = (progress: PackageProgress) => listeners.forEach((listener) => listener(progress));
      const done = fetchLocked(name, version, wanted, directory, report, abort.signal).finally(() => fetches.delete(key));
      done.catch(() => undefined);
      fetch = { done, abort, listeners, callers: 0 };
      fetches.set(key, fetch);
    }
    return await joinFetch(fetch, onProgress, signal);
  }

  async function fetchLocked(
    name: string,
    version: PackageVersion,
    coordinates: readonly string[],
    directory: string,
    report: (progress: PackageProgress) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const label = `${name} ${version.version}`;
    const missing = await missingPrograms(version);
    if (missing.length > 0) {
      const install = `on Debian and Ubuntu: sudo apt-get install ${missing.map((program) => program.apt[0]).join(' ')}`;
      throw new DroverError('invalid', `${label} needs ${missingText(missing)}; install it first, ${install}.`);
    }
    const parent = join(dir, name);
    await mkdir(parent, { recursive: true });
    const release = await lockFile(join(parent, `.${version.version}.lock`), signal);
    try {
      if (await isComplete(directory, coordinates)) return directory;
      const prefix = `.fetch-${version.version}-`;
      for (const left of await readdir(parent)) if (left.startsWith(prefix)) await rm(join(parent, left), { recursive: true, force: true });
      const temporary = await mkdtemp(join(parent, prefix));
      try {
        await fetchInto(temporary, label, coordinates, report, signal);
        await rm(directory, { recursive: true, force: true });
        await rename(temporary, directory);
        await syncDirectory(parent);
      } finally {
        await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
      }
      return directory;
    } finally {
      await release();
    }
  }

  async function fetchInto(
    directory: string,
    label: string,
    coordinates: readonly string[],
    report: (progress: PackageProgress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const pom = join(directory, 'pom.xml');
    await writeFile(pom, pomText(coordinates));
    await mkdir(join(directory, 'libs'));
    report({ message: `${label}: asking mvn for ${coordinates.join(', ')}` });
    let count = { files: 0, bytes: 0 };
    // --update-snapshots: mvn must not answer from a failure that it remembers.
    const args = [
      '--strict-checksums',
      '--update-snapshots',
      '-f',
      pom,
      COPY_GOAL,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(directory, 'libs')}`,
    ];
    await runMaven(args, {
      label,
      clock,
      signal,
      onLine(line) {
        const next = countLine(count, line);
        if (next === count) return;
        count = next;
        report({ message: `${label}: ${count.files} files, ${(count.bytes / 1e6).toFixed(count.bytes < 1e7 ? 1 : 0)} MB` });
      },
    });
    const manifest = await describeLibs(directory, coordinates);
    if (manifest.files.length === 0)
      throw new DroverError('unavailable', `${label} could not be fetched: mvn ended well but brought no file.`);
    await rm(pom);
    await writeFile(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { flush: true });
    const megabytes = manifest.files.reduce((sum, file) => sum + file.size, 0) / 1e6;
    report({ message: `${label}: ready, ${manifest.files.length} jars, ${megabytes.toFixed(0)} MB` });
    log.info({ package: label, files: manifest.files.length, megabytes: Math.round(megabytes) }, 'package fetched');
  }

  async function verify(name: string, version: PackageVersion): Promise<string | undefined> {
    const wanted = checked(name, version);
    const directory = join(dir, name, version.version);
    const manifest = await readManifest(directory);
    if (!manifest || !sameList(manifest.coordinates, wanted)) return 'not in the cache';
    return await manifestProblem(directory, manifest, true);
  }

  return { ensure, verify };
}

/** The coordinates of a version; throws `invalid` when it cannot be had by Maven, or its name would leave the cache directory. */
function checked(name: string, version: PackageVersion): readonly string[] {
  const coordinates = version.process?.maven ?? [];
  const label = `Package ${name} ${version.version}`;
  for (const part of [name, version.version]) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(part))
      throw new DroverError('invalid', `${label}: "${part}" cannot be the name of a directory.`);
  }
  if (coordinates.length === 0)
    throw new DroverError('invalid', `${label} has no Maven coordinates, so that it cannot run as processes of this machine.`);
  const wrong = coordinates.find((text) => parseCoordinates(text) === undefined);
  if (wrong !== undefined) throw new DroverError('invalid', `${label}: "${wrong}" is not groupId:artifactId:version.`);
  return coordinates;
}

/** Waits for a shared fetch until this caller gives up. */
async function joinFetch(
  fetch: Fetch,
  onProgress: ((progress: PackageProgress) => void) | undefined,
  signal: AbortSignal,
): Promise<string> {
  fetch.callers++;
  if (onProgress) fetch.listeners.add(onProgress);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([fetch.done, aborted]);
  } catch (error) {
    if (signal.aborted && fetch.callers === 1) {
      fetch.abort.abort(signal.reason);
      await fetch.done.catch(() => undefined);
    }
    throw error;
  } finally {
    fetch.callers--;
    signal.removeEventListener('abort', onAbort);
    if (onProgress) fetch.listeners.delete(onProgress);
  }
}

async function isComplete(directory: string, coordinates: readonly string[]): Promise<boolean> {
  const manifest = await readManifest(directory);
  return (
    manifest !== undefined &&
    sameList(manifest.coordinates, coordinates) &&
    (await manifestProblem(directory, manifest, false)) === undefined
  );
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, i) => item === right[i]);
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
