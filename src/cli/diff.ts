import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCommand } from '@stricli/core';
import { DroverError, hasCode } from '../base/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { Context } from './context.ts';
import { discover, kindOfManifest } from './discover.ts';
import { namespaceFlag } from './flags.ts';
import { readManifests } from './manifest.ts';
import { applyPatch, LAST_APPLIED } from './merge.ts';

export const command = buildCommand<{ filename: string; namespace: string }, [], Context>({
  parameters: {
    flags: {
      filename: { kind: 'parsed', parse: String, brief: 'File, directory or - for standard input', placeholder: 'file' },
      namespace: namespaceFlag,
    },
    aliases: { f: 'filename', n: 'namespace' },
  },
  docs: {
    brief: 'Show what apply would change',
    fullDescription:
      'Show what apply would change: the server works it out and stores nothing. Exit code 1 when there are differences.\n\nExample:\n  drover diff -f examples/kafka/three-brokers.yaml',
  },
  async func(flags) {
    const connection = this.connect();
    const manifests = await readManifests(flags.filename, () => this.readInput());
    const kinds = await discover(connection, this.signal);
    const { stringify } = await import('yaml');
    let differs = false;
    for (const { object, where } of manifests) {
      const kind = kindOfManifest(kinds, object, where);
      const namespace = object.metadata.namespace ?? flags.namespace;
      const named: Resource = kind.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
      const key = { name: object.metadata.name, ...(kind.namespaced && { namespace }) };
      const live = await connection.client.get(kind, key).catch((error: unknown) => {
        if (hasCode(error, 'not-found')) return undefined;
        throw error;
      });
      const patch = live && applyPatch(live, named);
      if (live && patch === undefined) continue;
      const next = live
        ? await connection.client.patch(kind, key, patch!, { dryRun: true })
        : await connection.client.create(kind, named, { dryRun: true });
      const name = `${kind.plural}.${object.metadata.name}`;
      differs = (await showDifference(this, name, live ? stringify(plain(live)) : '', stringify(plain(next)))) || differs;
    }
    if (differs) this.process.exitCode = 1;
  },
});

/** An object without what changes by itself. */
function plain(object: Resource): Resource {
  const { resourceVersion: _v, managedFields: _f, generation: _g, uid: _u, creationTimestamp: _c, ...metadata } = object.metadata;
  const { [LAST_APPLIED]: _l, ...annotations } = metadata.annotations ?? {};
  const { status: _s, ...rest } = object;
  return { ...rest, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : { annotations: {} }) } };
}

/** Prints a unified diff by the system's `diff`; true when the texts differ. */
async function showDifference(context: Context, name: string, before: string, after: string): Promise<boolean> {
  if (before === after) return false;
  const dir = mkdtempSync(join(tmpdir(), 'drover-diff-'));
  try {
    writeFileSync(join(dir, 'live'), before);
    writeFileSync(join(dir, 'merged'), after);
    const text = await new Promise<string>((resolve, reject) => {
      const child = spawn('diff', ['-u', '--label', `live/${name}`, '--label', `merged/${name}`, join(dir, 'live'), join(dir, 'merged')]);
      let output = '';
      child.stdout.on('data', (part: Buffer) => (output += part.toString()));
      child.on('error', (error) =>
        reject(new DroverError('unavailable', `cannot run the program 'diff': ${error.message}; install the package diffutils`)),
      );
      child.on('close', () => resolve(output));
    });
    context.process.stdout.write(text);
    return true;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
