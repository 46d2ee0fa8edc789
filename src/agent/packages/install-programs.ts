import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DroverError } from '../../base/errors.ts';
import { missingText, type MissingProgram } from './required-programs.ts';

/**
 * Installs what is missing through apt-get, each line to `onLine`; the first says what is installed. Only as root or with sudo that asks no password.
 * Throws `invalid` with one line that says what to install by hand when that is not possible, `unavailable` when apt-get fails.
 */
export async function installWithApt(
  missing: readonly MissingProgram[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (missing.length === 0) return;
  const byHand = `Missing: ${missingText(missing)}. Install it first, on Debian and Ubuntu: sudo apt-get install ${missing.map((m) => m.apt[0]).join(' ')}`;
  const prefix = await rootPrefix();
  if (prefix === undefined || !(await succeeds('apt-get', ['--version']))) throw new DroverError('invalid', byHand);
  let packages = await candidates(missing);
  if (packages === undefined) {
    onLine(`Missing: ${missingText(missing)}. Reading the package lists first: apt-get update`);
    await apt(prefix, ['update'], onLine, signal);
    packages = await candidates(missing);
  }
  if (packages === undefined) throw new DroverError('invalid', byHand);
  onLine(`Missing: ${missingText(missing)}. Installing ${packages.join(' ')} with apt-get`);
  await apt(prefix, ['install', '--yes', '--no-install-recommends', ...packages], onLine, signal);
}

/** Words that make a command root's; undefined when that needs a password. */
async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  return (await succeeds('sudo', ['-n', 'true'])) ? ['sudo', '-n'] : undefined;
}

/** For each program its first package that apt can install; undefined when one has none. */
async function candidates(missing: readonly MissingProgram[]): Promise<string[] | undefined> {
  const chosen = await Promise.all(
    missing.map(async ({ apt: names }) => {
      for (const name of names) if (await succeeds('apt-get', ['install', '--simulate', '--no-install-recommends', name])) return name;
      return undefined;
    }),
  );
  return chosen.every((name) => name !== undefined) ? chosen : undefined;
}

function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => execFile(program, [...args], { timeout: 60_000 }, (error) => resolve(error === null)));
}

async function apt(prefix: readonly string[], args: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const [program, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '--quiet', ...args] as [string, ...string[]];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', onLine);
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('E:')) errors.push(line.slice(2).trim());
    onLine(line);
  });
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode === 0) return;
  throw new DroverError('unavailable', `apt-get ${args[0]} failed: ${errors[0] ?? `exit code ${exitCode}`}.`);
}
