import { buildCommand } from '@stricli/core';
import { DroverError, hasCode } from '../base/errors.ts';
import { note, say, type Context } from './context.ts';
import { discover, findKind, kindOfManifest, type Discovered } from './discover.ts';
import { namespaceFlag, timeoutFlag, yesFlag } from './flags.ts';
import { readManifests } from './manifest.ts';
import { waitFor } from './wait.ts';

interface Flags {
  readonly filename?: string;
  readonly namespace: string;
  readonly wait: boolean;
  readonly timeout: number;
  readonly yes: boolean;
}

export const command = buildCommand<Flags, string[], Context>({
  parameters: {
    flags: {
      filename: { kind: 'parsed', parse: String, optional: true, brief: 'Delete what this manifest names', placeholder: 'file' },
      namespace: namespaceFlag,
      wait: { kind: 'boolean', brief: 'Wait until it is gone', default: true },
      timeout: timeoutFlag,
      yes: yesFlag,
    },
    aliases: { f: 'filename', n: 'namespace', y: 'yes' },
    positional: { kind: 'array', parameter: { parse: String, brief: 'Kind, then names', placeholder: 'kind name...' } },
  },
  docs: {
    brief: 'Delete resources (a service’s data is kept)',
    fullDescription:
      'Delete resources. Deleting a service ends its pods in order and keeps their data; the events of the service say where. Asks first, unless --yes.\n\nExample:\n  drover delete kafkas kafka',
  },
  async func(flags, ...words) {
    const connection = this.connect();
    const targets = await findTargets(this, flags, words, await discover(connection, this.signal));
    const text = targets.map((target) => `${target.kind.plural}/${target.name}`).join(', ');
    if (!flags.yes && !(await this.ask(`Delete ${text}?`))) {
      throw new DroverError('forbidden', `nothing was deleted; answer y, or use --yes where nobody can be asked`);
    }
    const deleted: typeof targets = [];
    for (const target of targets) {
      const { kind, name, namespace } = target;
      await connection.client.delete(kind, { name, ...(namespace !== undefined && { namespace }) });
      deleted.push(target);
      say(this, `${kind.singular || kind.plural} "${name}" deleted`);
    }
    if (!flags.wait) return;
    for (const { kind, name, namespace } of deleted) {
      const key = { name, ...(namespace !== undefined && { namespace }) };
      try {
        const left = await waitFor(connection, kind, key, () => false, { timeoutMs: flags.timeout, signal: this.signal });
        if (left === undefined) throw new DroverError('timeout', `${kind.plural} "${name}" is still ending; see 'drover why ${name}'`);
      } catch (error) {
        if (!hasCode(error, 'not-found')) throw error;
        note(this, `${kind.plural} "${name}" is gone`);
      }
    }
  },
});

interface Target {
  readonly kind: Discovered;
  readonly name: string;
  readonly namespace: string | undefined;
}

async function findTargets(context: Context, flags: Flags, words: readonly string[], kinds: readonly Discovered[]): Promise<Target[]> {
  if (flags.filename !== undefined) {
    const manifests = await readManifests(flags.filename, () => context.readInput());
    return manifests.map(({ object, where }) => {
      const kind = kindOfManifest(kinds, object, where);
      return { kind, name: object.metadata.name, namespace: kind.namespaced ? (object.metadata.namespace ?? flags.namespace) : undefined };
    });
  }
  const [first, ...rest] = words;
  if (first === undefined) throw new DroverError('bad-request', 'say what to delete: a kind and names, or -f file');
  const [kindWord = '', slashName] = first.split('/');
  const names = slashName === undefined ? rest : [slashName, ...rest];
  const kind = findKind(kinds, kindWord);
  if (names.length === 0) throw new DroverError('bad-request', `say which ${kind.plural} to delete`);
  return names.map((name) => ({ kind, name, namespace: kind.namespaced ? flags.namespace : undefined }));
}
