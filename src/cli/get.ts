import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { discover } from './discover.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { printObjects, watchObjects } from './get/objects.ts';
import { printTables, watchTable } from './get/tables.ts';
import { parseTargets } from './get/target.ts';

interface Flags {
  readonly namespace: string;
  readonly allNamespaces: boolean;
  readonly output?: 'wide' | 'yaml' | 'json' | 'name';
  readonly selector?: string;
  readonly watch: boolean;
  readonly json: boolean;
}

export const command = buildCommand<Flags, string[], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      allNamespaces: { kind: 'boolean', brief: 'List over all namespaces', default: false, withNegated: false },
      output: { kind: 'enum', values: ['wide', 'yaml', 'json', 'name'], optional: true, brief: 'Form of the output' },
      selector: { kind: 'parsed', parse: String, optional: true, brief: 'Label selector, e.g. app=web', placeholder: 'labels' },
      watch: { kind: 'boolean', brief: 'Go on and print changes', default: false, withNegated: false },
      json: jsonFlag,
    },
    aliases: { n: 'namespace', A: 'allNamespaces', o: 'output', l: 'selector', w: 'watch' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Kinds (pods,kafkas or all), then names; or kind/name', placeholder: 'kind [name...]' },
    },
  },
  docs: {
    brief: 'List resources, as kubectl get',
    fullDescription:
      'List resources, as kubectl get.\n\nExample:\n  drover get all\n  drover get kafkas -o wide\n  drover get pods,podinstances -l drover.dev/service=kafka\n  drover get pod/kafka-0 -w',
  },
  async func(flags, ...words) {
    const connection = this.connect();
    const output = flags.json ? 'json' : flags.output;
    const targets = parseTargets(await discover(connection, this.signal), words, {
      namespace: flags.allNamespaces ? undefined : flags.namespace,
      selector: flags.selector,
    });
    const [target] = targets;
    if (!flags.watch || target === undefined) {
      return output === undefined || output === 'wide'
        ? printTables(this, connection, targets, output === 'wide')
        : printObjects(this, connection, targets, output);
    }
    if (targets.length > 1 || target.names.length > 1)
      return new DroverError('bad-request', '--watch takes one kind, and at most one name of it');
    await (output === undefined || output === 'wide'
      ? watchTable(this, connection, target, output === 'wide')
      : watchObjects(this, connection, target, output));
  },
});
