import { buildCommand } from '@stricli/core';
import { say, sayJson, type Context } from './context.ts';
import { eventTable } from './event-lines.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { eventRef } from './refs.ts';

export const command = buildCommand<{ namespace: string; allNamespaces: boolean; json: boolean }, [string?], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      allNamespaces: { kind: 'boolean', brief: 'Events of all namespaces', default: false, withNegated: false },
      json: jsonFlag,
    },
    aliases: { n: 'namespace', A: 'allNamespaces' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, optional: true, brief: 'Only events about this name', placeholder: 'name' }],
    },
  },
  docs: {
    brief: 'List events, oldest first',
    fullDescription: 'List events, oldest first: what Drover decided and why.\n\nExample:\n  drover events kafka-1',
  },
  async func(flags, name) {
    const query = {
      ...(!flags.allNamespaces && { namespace: flags.namespace }),
      ...(name !== undefined && { fieldSelector: `involvedObject.name=${name}` }),
    };
    const events = (await this.connect().client.list(eventRef, query)).items;
    if (flags.json) return sayJson(this, events);
    if (events.length === 0) this.process.stderr.write('No events.\n');
    else say(this, eventTable(events, Date.now()));
  },
});
