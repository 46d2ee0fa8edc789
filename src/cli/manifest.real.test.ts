import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifests } from './manifest.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'drover-manifest-'))));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const input = (text: string) => readManifests('-', () => Promise.resolve(text));

describe('manifests', () => {
  it('come from a file with several documents, each knowing its line', async () => {
    const file = join(dir, 'two.yaml');
    writeFileSync(file, 'apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\napiVersion: v1\nkind: B\nmetadata: {name: b}\n---\n');
    expect((await readManifests(file, () => Promise.resolve(''))).map(({ object, where }) => [object.kind, where])).toEqual([
      ['A', `${file}:1`],
      ['B', `${file}:5`],
    ]);
  });

  it('come from all YAML and JSON files of a directory, by name', async () => {
    const names = (await readManifests(dir, () => Promise.resolve(''))).map(({ object }) => object.metadata.name);
    expect(names).toEqual(['a', 'b']);
  });

  it('open lists', async () => {
    expect((await input('{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A","metadata":{"name":"x"}}]}')).length).toBe(
      1,
    );
  });

  it.each([
    ['a: [1', 'standard input:1: not valid YAML', 'broken YAML'],
    ['- 1', 'a resource must be a mapping', 'no mapping'],
    ['kind: A\nmetadata: {name: a}', 'apiVersion is missing', 'no apiVersion'],
    ['apiVersion: v1\nmetadata: {name: a}', 'kind is missing', 'no kind'],
    ['apiVersion: v1\nkind: A', 'metadata.name is missing', 'no name'],
    ['', 'holds no resource', 'nothing at all'],
  ])('say what is wrong with %j: %s (%s)', async (text, message) => {
    await expect(input(text)).rejects.toThrow(message);
  });

  it('say that a file does not exist', async () => {
    await expect(readManifests(join(dir, 'nowhere.yaml'), () => Promise.resolve(''))).rejects.toThrow('there is no such file');
  });
});
