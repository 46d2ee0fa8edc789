import { execFile } from 'node:child_process';
import type { PackageVersion } from '../../model/drover/package.ts';

type Requirement = NonNullable<PackageVersion['process']>['requires'][number];

/** A program that a package needs and that is missing or too old. `found`: the version that is there, when one is. `apt`: Debian packages, best first. */
export interface MissingProgram {
  readonly program: Requirement['program'];
  readonly minVersion: number | undefined;
  readonly found: string | undefined;
  readonly apt: readonly string[];
}

/** Looks on the PATH for what a package version needs. Empty when all is there. Starts nothing but `--version`. */
export async function missingPrograms(version: PackageVersion): Promise<readonly MissingProgram[]> {
  const checked = await Promise.all(
    (version.process?.requires ?? []).map(async (needed) => ({ needed, found: await findProgram(needed.program) })),
  );
  return checked.flatMap(({ needed, found }) => {
    if (found !== undefined && (needed.minVersion === undefined || majorOf(found) >= needed.minVersion)) return [];
    return [
      {
        program: needed.program,
        minVersion: needed.minVersion,
        found: found === undefined || found === '' ? undefined : found,
        apt: needed.apt.split('|').map((name) => name.trim()),
      },
    ];
  });
}

/** `java 17 or newer (found 11), mvn`: for a sentence. */
export function missingText(missing: readonly MissingProgram[]): string {
  return missing
    .map(
      ({ program, minVersion, found }) =>
        `${program}${minVersion === undefined ? '' : ` ${minVersion} or newer`}${found === undefined ? '' : ` (found ${found})`}`,
    )
    .join(', ');
}

/** The version that a program prints; '' when it prints none, undefined when it cannot be run. */
function findProgram(program: Requirement['program']): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, ['-version'], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (error) return resolve(undefined);
      resolve(/(?:version "|Apache Maven )([\w.+-]+)/.exec(stdout + stderr)?.[1] ?? '');
    });
  });
}

/** 17 for `17.0.15`, 8 for `1.8.0_402`. */
function majorOf(version: string): number {
  const [first = '0', second = '0'] = version.split('.');
  return Number.parseInt(first === '1' ? second : first, 10);
}
