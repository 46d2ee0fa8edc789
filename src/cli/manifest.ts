import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DroverError } from '../base/errors.ts';
import type { Resource } from '../model/resource.ts';

/** One document of a manifest file; `where` is for error messages: `file.yaml:12`. */
export interface Manifest {
  readonly object: Resource & { metadata: { name: string } };
  readonly where: string;
}

/** Reads manifests from a file, a directory (its .yaml, .yml and .json files) or `-` for standard input. Lists are opened. Throws `invalid`. */
export async function readManifests(file: string, readInput: () => Promise<string>): Promise<Manifest[]> {
  const sources = file === '-' ? [{ name: 'standard input', text: await readInput() }] : readSources(file);
  const manifests: Manifest[] = [];
  for (const source of sources) manifests.push(...(await parse(source.name, source.text)));
  if (manifests.length === 0) throw new DroverError('invalid', `${file} holds no resource`);
  return manifests;
}

function readSources(file: string): { name: string; text: string }[] {
  try {
    if (!statSync(file).isDirectory()) return [{ name: file, text: readFileSync(file, 'utf8') }];
    return readdirSync(file)
      .filter((name) => /\.(ya?ml|json)$/.test(name))
      .sort()
      .map((name) => ({ name: join(file, name), text: readFileSync(join(file, name), 'utf8') }));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new DroverError('invalid', `cannot read ${file}: ${why}`, { cause: error });
  }
}

async function parse(name: string, text: string): Promise<Manifest[]> {
  const { LineCounter, parseAllDocuments } = await import('yaml');
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const manifests: Manifest[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const start = lines.linePos(document.contents?.range?.[0] ?? 0).line;
    const problem = document.errors[0];
    if (problem) throw new DroverError('invalid', `${name}:${lines.linePos(problem.pos[0]).line}: not valid YAML: ${problem.message}`);
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    if (value === null || value === undefined) continue;
    const items =
      isObject(value) && typeof value['kind'] === 'string' && value['kind'].endsWith('List') && Array.isArray(value['items'])
        ? value['items']
        : [value];
    for (const item of items) manifests.push({ object: check(item, `${name}:${start}`), where: `${name}:${start}` });
  }
  return manifests;
}

function check(value: unknown, where: string): Manifest['object'] {
  if (!isObject(value)) throw new DroverError('invalid', `${where}: a resource must be a mapping with apiVersion, kind and metadata`);
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof value[field] !== 'string' || value[field] === '') throw new DroverError('invalid', `${where}: ${field} is missing`);
  }
  const metadata = value['metadata'];
  if (!isObject(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '') {
    throw new DroverError('invalid', `${where}: metadata.name is missing`);
  }
  return value as unknown as Manifest['object'];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
