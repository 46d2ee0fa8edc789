import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

/** Name of the manifest in a package's directory. */
export const MANIFEST = 'manifest.json';

/** What a complete package directory holds. */
export const Manifest = Type.Object({
  coordinates: Type.Array(Type.String()),
  files: Type.Array(Type.Object({ name: Type.String(), size: Type.Integer(), sha256: Type.String() })),
});
export type Manifest = Static<typeof Manifest>;

/** Reads every file of `<directory>/libs`, brings it to the disk and writes down its size and SHA-256. */
export async function describeLibs(directory: string, coordinates: readonly string[]): Promise<Manifest> {
  const names = (await readdir(join(directory, 'libs'))).sort();
  const files: Manifest['files'] = [];
  for (const name of names) files.push({ name, ...(await digest(join(directory, 'libs', name))) });
  return { coordinates: [...coordinates], files };
}

/** The manifest of a package directory; undefined when there is none that can be read. */
export async function readManifest(directory: string): Promise<Manifest | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(directory, MANIFEST), 'utf8'));
    return Value.Check(Manifest, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The first thing that is wrong with the files of a manifest; undefined when all is well. `full` reads every byte, else only sizes are compared. */
export async function manifestProblem(directory: string, manifest: Manifest, full: boolean): Promise<string | undefined> {
  for (const file of manifest.files) {
    const path = join(directory, 'libs', file.name);
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) return `${file.name} is missing`;
    if (size !== file.size) return `${file.name} has ${size} bytes, not ${file.size}`;
    if (full && (await digest(path)).sha256 !== file.sha256) return `${file.name} does not have the SHA-256 it was fetched with`;
  }
  return undefined;
}

async function digest(path: string): Promise<{ size: number; sha256: string }> {
  const file = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    await file.sync();
    return { size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}
