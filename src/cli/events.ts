import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Event } from '../model/core/event.ts';
import { note, say, sayJson, type Context } from './context.ts';
import { discover, findKind } from './discover.ts';
import { eventTable, eventTimeMs } from './event-lines.ts';
import { jsonFlag, namespaceFlag, parseDuration } from './flags.ts';
import { eventRef } from './refs.ts';

interface Flags {
  readonly namespace: string;
  readonly allNamespaces: boolean;
  readonly type?: 'Normal' | 'Warning';
  readonly since?: number;
  readonly json: boolean;
}

export const command = buildCommand<Flags, [string?], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      allNamespaces: { kind: 'boolean', brief: 'Events of all namespaces', default: false, withNegated: false },
      type: { kind: 'enum', values: ['Normal', 'Warning'], optional: true, brief: 'Only events of this type' },
      since: { kind: 'parsed', parse: parseDuration, optional: true, brief: 'Only events of the last, e.g. 10m', placeholder: 'duration' },
      json: jsonFlag,
    },
    aliases: { n: 'namespace', A: 'allNamespaces' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, optional: true, brief: 'Only events about this name, or kind/name', placeholder: 'name' }],
    },
  },
  docs: {
    brief: 'List events, oldest first',
    fullDescription:
      'List events, oldest first: what Drover decided and why.\n\nExample:\n  drover events kafka-1\n  drover events --type Warning --since 1h',
  },
  async func(flags, word) {
    const connection = this.connect();
    const slash = word?.indexOf('/') ?? -1;
    const name = word?.slice(slash + 1);
    if (name === '') throw new DroverError('bad-request', `'${word}' is not of the form KIND/NAME`);
    const kind =
      word !== undefined && slash >= 0 ? findKind(await discover(connection, this.signal), word.slice(0, slash)).kind : undefined;
    const query = {
      ...(!flags.allNamespaces && { namespace: flags.namespace }),
      ...(name !== undefined && { fieldSelector: `involvedObject.name=${name}` }),
    };
    const now = Date.now();
    const wanted = (event: Event) =>
      (kind === undefined || event.involvedObject.kind === kind) &&
      (flags.type === undefined || event.type === flags.type) &&
      (flags.since === undefined || now - eventTimeMs(event) <= flags.since);
    const events = (await connection.client.list(eventRef, query)).items.filter(wanted);
    if (flags.json) return sayJson(this, events);
    if (events.length === 0) note(this, 'No events.');
    else say(this, eventTable(events, now));
  },
});
