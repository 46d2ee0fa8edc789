import { buildCommand } from '@stricli/core';
import type { Event } from '../model/core/event.ts';
import type { Condition, Resource, Stored } from '../model/resource.ts';
import type { Connection } from './connect.ts';
import { note, say, sayJson, type Context } from './context.ts';
import { discover, type Discovered } from './discover.ts';
import { eventTable, isAbout } from './event-lines.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { parseTargets, type Target } from './get/target.ts';
import { orHint } from './missing.ts';
import { eventRef } from './refs.ts';
import { renderTable } from './render/table.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, string[], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: { parse: String, brief: 'Kind and names; all of the kind without a name', placeholder: 'kind [name...]' },
    },
  },
  docs: {
    brief: 'Show a resource with its conditions and events',
    fullDescription:
      'Show resources with their conditions and events; without a name all of the kind.\n\nExample:\n  drover describe kafka kafka\n  drover describe pod/kafka-1',
  },
  async func(flags, ...words) {
    const connection = this.connect();
    const described: Described[] = [];
    for (const target of parseTargets(await discover(connection, this.signal), words, {
      namespace: flags.namespace,
      selector: undefined,
    })) {
      described.push(...(await readDescribed(connection, target, flags.namespace)));
    }
    if (flags.json) return sayJson(this, described.length === 1 ? plain(described[0]!) : described.map(plain));
    if (described.length === 0) return note(this, `No resources found in ${flags.namespace} namespace.`);
    const { stringify } = await import('yaml');
    described.forEach((one, i) => {
      if (i > 0) say(this);
      print(this, one, stringify);
    });
  },
});

interface Described {
  readonly kind: Discovered;
  readonly object: Stored<Resource>;
  readonly events: readonly Stored<Event>[];
}

async function readDescribed(connection: Connection, target: Target, namespace: string): Promise<Described[]> {
  const { kind, names } = target;
  const scope = kind.namespaced ? { namespace } : {};
  const objects =
    names.length === 0
      ? (await connection.client.list(kind, scope)).items
      : await Promise.all(
          names.map((name) => orHint(connection, kind, { name, ...scope }, () => connection.client.get(kind, { name, ...scope }))),
        );
  const events = (await connection.client.list(eventRef, { namespace: kind.namespaced ? namespace : 'default' })).items;
  return objects.map((object) => ({
    kind,
    object,
    events: events.filter((event) => isAbout(event, { kind: kind.kind, metadata: object.metadata })),
  }));
}

function plain({ object, events }: Described): object {
  return { object, events };
}

function print(context: Context, { kind, object, events }: Described, stringify: (value: unknown) => string): void {
  const { conditions, ...rest } = (object.status ?? {}) as { conditions?: Condition[] } & Record<string, unknown>;
  const {
    apiVersion: _version,
    kind: _kind,
    metadata,
    spec,
    status: _status,
    ...more
  } = object as Stored<Resource> & Record<string, unknown>;
  say(context, `Name:       ${metadata.name}`);
  if (kind.namespaced) say(context, `Namespace:  ${metadata.namespace ?? ''}`);
  say(context, `Kind:       ${kind.kind} (${kind.group === '' ? kind.version : `${kind.group}/${kind.version}`})`);
  say(context, `Created:    ${metadata.creationTimestamp}`);
  if (metadata.deletionTimestamp) say(context, `Ending:     since ${metadata.deletionTimestamp}`);
  section(context, 'Labels', metadata.labels, stringify);
  section(context, 'Spec', spec, stringify);
  section(context, 'Content', kind.kind === 'Secret' ? keysOnly(more) : more, stringify);
  section(context, 'Status', rest, stringify);
  if (conditions && conditions.length > 0) {
    say(context, 'Conditions:');
    const rows = conditions.map((c) => [c.type, c.status, c.lastTransitionTime ?? '', c.reason ?? '', c.message ?? '']);
    for (const line of renderTable(['TYPE', 'STATUS', 'SINCE', 'REASON', 'MESSAGE'], rows).split('\n')) say(context, `  ${line}`);
  }
  say(context, events.length === 0 ? 'Events: none' : 'Events:');
  if (events.length > 0) for (const line of eventTable(events, Date.now()).split('\n')) say(context, `  ${line}`);
}

/** What a Secret holds is not for a screen. */
function keysOnly(content: Readonly<Record<string, unknown>>): object {
  return {
    ...content,
    data: Object.fromEntries(Object.keys((content['data'] as object | undefined) ?? {}).map((key) => [key, '<not shown>'])),
  };
}

function section(context: Context, title: string, value: unknown, stringify: (value: unknown) => string): void {
  if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return;
  say(context, `${title}:`);
  for (const line of stringify(value).trimEnd().split('\n')) say(context, `  ${line}`);
}
