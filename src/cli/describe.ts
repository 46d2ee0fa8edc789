import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Condition, Resource } from '../model/resource.ts';
import { say, sayJson, type Context } from './context.ts';
import { discover, findKind } from './discover.ts';
import { eventTable, isAbout } from './event-lines.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { eventRef } from './refs.ts';
import { renderTable } from './render/table.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, string[], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: { kind: 'array', minimum: 1, maximum: 2, parameter: { parse: String, brief: 'Kind and name', placeholder: 'kind name' } },
  },
  docs: {
    brief: 'Show a resource with its conditions and events',
    fullDescription: 'Show a resource with its conditions and events.\n\nExample:\n  drover describe kafka kafka',
  },
  async func(flags, ...words) {
    const [kindWord = '', name = ''] = words.length === 1 ? (words[0] ?? '').split('/') : words;
    if (name === '') throw new DroverError('bad-request', 'say what to describe: a kind and a name');
    const connection = this.connect();
    const kind = findKind(await discover(connection, this.signal), kindWord);
    const key = { name, ...(kind.namespaced && { namespace: flags.namespace }) };
    const object = await connection.client.get(kind, key);
    const events = (
      await connection.client.list(eventRef, {
        namespace: kind.namespaced ? flags.namespace : 'default',
        fieldSelector: `involvedObject.name=${name}`,
      })
    ).items;
    const about = events.filter((event) => isAbout(event, { kind: kind.kind, metadata: object.metadata }));
    if (flags.json) return sayJson(this, { object, events: about });
    const { stringify } = await import('yaml');
    const status = (object.status ?? {}) as { conditions?: Condition[] } & Record<string, unknown>;
    const { conditions, ...rest } = status;
    say(this, `Name:       ${name}`);
    if (kind.namespaced) say(this, `Namespace:  ${object.metadata.namespace ?? ''}`);
    say(this, `Kind:       ${kind.kind} (${kind.group === '' ? kind.version : `${kind.group}/${kind.version}`})`);
    say(this, `Created:    ${object.metadata.creationTimestamp}`);
    section(this, 'Labels', object.metadata.labels, stringify);
    section(this, 'Spec', (object as Resource).spec ?? (object as unknown as { data?: unknown }).data, stringify);
    section(this, 'Status', rest, stringify);
    if (conditions && conditions.length > 0) {
      say(this, 'Conditions:');
      const rows = conditions.map((c) => [c.type, c.status, c.lastTransitionTime ?? '', c.reason ?? '', c.message ?? '']);
      for (const line of renderTable(['TYPE', 'STATUS', 'SINCE', 'REASON', 'MESSAGE'], rows).split('\n')) say(this, `  ${line}`);
    }
    say(this, about.length === 0 ? 'Events: none' : 'Events:');
    if (about.length > 0) for (const line of eventTable(about, Date.now()).split('\n')) say(this, `  ${line}`);
  },
});

function section(context: Context, title: string, value: unknown, stringify: (value: unknown) => string): void {
  if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return;
  say(context, `${title}:`);
  for (const line of stringify(value).trimEnd().split('\n')) say(context, `  ${line}`);
}
