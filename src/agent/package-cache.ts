import type { PackageVersion } from '../model/drover/package.ts';

/** Puts packages onto this machine: complete or absent, verified, one directory a version, shared by all tasks. */
export interface PackageCache {
  /**
   * The directory of a package version, fetching it first when absent. Callers of the same version share one fetch. Throws `unavailable` (one line:
   * what could not be fetched and why, e.g. no network), `invalid` (a required program is missing: says what to install).
   */
  ensure(
    name: string,
    version: PackageVersion,
    options: { onProgress?: (progress: PackageProgress) => void; signal: AbortSignal },
  ): Promise<string>;
}

export interface PackageProgress {
  /** One line for people: `kafka 4.3.0: 57 files, 41 MB`. */
  readonly message: string;
}
