import { DroverError, hasCode } from '../base/errors.ts';
import { packageKind } from '../model/drover/package.ts';
import type { ResourceClient } from '../client/client.ts';
import type { PackageCache, PackageProgress } from './package-cache.ts';

/** The parts of an image: `kafka:4.3.0` names a package and a version, `kafka` the package's default version. Throws `invalid`. */
export function parseImage(image: string): { readonly name: string; readonly version: string | undefined } {
  const colon = image.lastIndexOf(':');
  const name = colon < 0 ? image : image.slice(0, colon);
  const version = colon < 0 ? undefined : image.slice(colon + 1);
  if (!/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) || version === '') {
    throw new DroverError('invalid', `"${image}" is not the name of a package: it is written name:version, as kafka:4.3.0`);
  }
  return { name, version };
}

/** The directory of the package that an image names, fetched when it is absent. Throws `invalid`, `not-found`, `unavailable` with a sentence. */
export async function imageDirectory(
  client: ResourceClient,
  packages: PackageCache,
  { name, version }: ReturnType<typeof parseImage>,
  options: { onProgress: (progress: PackageProgress) => void; signal: AbortSignal },
): Promise<string> {
  const found = await client.get(packageKind, { name }).catch((error: unknown) => {
    if (hasCode(error, 'not-found')) throw new DroverError('not-found', `there is no package "${name}"`, { cause: error });
    throw error;
  });
  const wanted = version ?? found.spec.defaultVersion;
  const made = found.spec.versions.find((entry) => entry.version === wanted);
  if (!made) {
    const known = found.spec.versions.map((entry) => entry.version).join(', ');
    throw new DroverError('not-found', `package "${name}" has no version ${wanted}; it has ${known}`);
  }
  return packages.ensure(name, made, options);
}
