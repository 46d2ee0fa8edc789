import type { Resource } from '../../model/resource.ts';
import type { Connection } from '../connect.ts';
import { say, sayJson, type Context } from '../context.ts';
import { pathOf } from '../discover.ts';
import { orHint } from '../missing.ts';
import { collectionPath } from './collection-path.ts';
import { kindWord, type Target } from './target.ts';

export type ObjectForm = 'json' | 'yaml' | 'name';

/** Prints whole objects: one alone as itself, several as a List. */
export async function printObjects(context: Context, connection: Connection, targets: readonly Target[], form: ObjectForm): Promise<void> {
  const found = await Promise.all(targets.map(async (target) => ({ target, items: await read(context, connection, target) })));
  const items = found.flatMap(({ target, items: ofKind }) => ofKind.map((item) => whole(target, item)));
  if (form === 'name') {
    for (const { target, items: ofKind } of found) for (const item of ofKind) say(context, nameOf(target, item));
    return;
  }
  const alone = targets.length === 1 && targets[0]!.names.length === 1;
  const value = alone ? items[0] : { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
  if (form === 'json') return sayJson(context, value);
  const { stringify } = await import('yaml');
  context.process.stdout.write(stringify(value));
}

/** Prints each object as it is now, then each as it changes, until Ctrl-C or the server ends the watch. */
export async function watchObjects(context: Context, connection: Connection, target: Target, form: ObjectForm): Promise<void> {
  const { stringify } = form === 'yaml' ? await import('yaml') : { stringify: undefined };
  const query = {
    watch: 'true',
    sendInitialEvents: 'true',
    resourceVersionMatch: 'NotOlderThan',
    allowWatchBookmarks: 'true',
    ...(target.names.length === 1 && { fieldSelector: `metadata.name=${target.names[0]}` }),
  };
  for await (const line of connection.lines(collectionPath(target, query), { signal: context.signal })) {
    const event = JSON.parse(line) as { type: string; object: Resource };
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
    const item = whole(target, event.object);
    if (form === 'name') say(context, nameOf(target, item));
    else if (stringify) context.process.stdout.write(`---\n${stringify(item)}`);
    else sayJson(context, item);
  }
}

async function read(context: Context, connection: Connection, target: Target): Promise<Resource[]> {
  const { kind, names, namespace } = target;
  if (names.length > 0)
    return Promise.all(
      names.map((name) =>
        orHint(connection, kind, { namespace: namespace ?? 'default', name }, () =>
          connection.json<Resource>(pathOf(kind, namespace ?? 'default', name), { signal: context.signal }),
        ),
      ),
    );
  return (await connection.json<{ items: Resource[] | null }>(collectionPath(target), { signal: context.signal })).items ?? [];
}

function whole({ kind }: Target, item: Resource): Resource {
  const { apiVersion: _version, kind: _kind, ...rest } = item;
  return { apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`, kind: kind.kind, ...rest };
}

function nameOf(target: Target, item: Resource): string {
  return `${kindWord(target.kind)}/${item.metadata.name ?? ''}`;
}
