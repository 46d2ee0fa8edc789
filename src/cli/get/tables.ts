import type { Connection } from '../connect.ts';
import { note, say, type Context } from '../context.ts';
import { pathOf } from '../discover.ts';
import { orHint } from '../missing.ts';
import { renderTable } from '../render/table.ts';
import { collectionPath } from './collection-path.ts';
import { kindWord, type Target } from './target.ts';

/** A Table as the server makes it for a kind. */
interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows:
    | readonly { readonly cells: readonly unknown[]; readonly object?: { readonly metadata?: { readonly namespace?: string } } }[]
    | null;
  readonly metadata?: { readonly resourceVersion?: string };
}

interface Look {
  readonly wide: boolean;
  readonly withNamespace: boolean;
  /** Put before each name where tables of several kinds follow each other. */
  readonly prefix: string;
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Prints the server's tables, one a kind; kinds without objects are left out. */
export async function printTables(context: Context, connection: Connection, targets: readonly Target[], wide: boolean): Promise<void> {
  const several = targets.length > 1;
  const texts = await Promise.all(
    targets.map(async (target) => {
      const look = lookOf(target, wide, several);
      const tables = await readTables(context, connection, target);
      const rows = tables.flatMap((table) => cells(table, look));
      return rows.length === 0 ? undefined : renderTable(headerOf(tables[0]!, look), rows);
    }),
  );
  const shown = texts.filter((text) => text !== undefined);
  if (shown.length > 0) return say(context, shown.join('\n\n'));
  const namespace = targets[0]?.namespace;
  note(context, `No resources found${targets[0]?.kind.namespaced && namespace !== undefined ? ` in ${namespace} namespace` : ''}.`);
}

/** Prints a table, then a row for each change, until Ctrl-C or the server ends the watch. */
export async function watchTable(context: Context, connection: Connection, target: Target, wide: boolean): Promise<void> {
  const look = lookOf(target, wide, false);
  const [table] = await readTables(context, connection, target);
  const header = headerOf(table!, look);
  const rows = cells(table!, look);
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  say(context, renderTable(header, rows));
  const name = target.names[0];
  const from = {
    watch: 'true',
    resourceVersion: table!.metadata?.resourceVersion ?? '',
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
  };
  const path = collectionPath({ ...target, namespace: target.namespace ?? (name === undefined ? undefined : 'default') }, from);
  for await (const line of connection.lines(path, { accept: TABLE, signal: context.signal })) {
    const event = JSON.parse(line) as { type: string; object: Table };
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
    for (const row of cells({ ...table!, rows: event.object.rows }, look)) {
      say(context, row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 2))).join(''));
    }
  }
}

function lookOf(target: Target, wide: boolean, several: boolean): Look {
  return {
    wide,
    withNamespace: target.namespace === undefined && target.kind.namespaced,
    prefix: several ? `${kindWord(target.kind)}/` : '',
  };
}

async function readTables(context: Context, connection: Connection, target: Target): Promise<Table[]> {
  const { kind, names, namespace } = target;
  const options = { accept: TABLE, signal: context.signal };
  if (names.length === 0) return [await connection.json<Table>(collectionPath(target), options)];
  return Promise.all(
    names.map((name) =>
      orHint(connection, kind, { namespace: namespace ?? 'default', name }, () =>
        connection.json<Table>(pathOf(kind, namespace ?? 'default', name), options),
      ),
    ),
  );
}

function headerOf(table: Table, look: Look): string[] {
  const names = table.columnDefinitions.filter((column) => look.wide || column.priority === 0).map((column) => column.name.toUpperCase());
  return look.withNamespace ? ['NAMESPACE', ...names] : names;
}

function cells(table: Table, look: Look): string[][] {
  const visible = table.columnDefinitions.map((column, i) => ({ column, i })).filter(({ column }) => look.wide || column.priority === 0);
  return (table.rows ?? []).map((row) => {
    const own = visible.map(({ i }, place) => `${place === 0 ? look.prefix : ''}${String(row.cells[i] ?? '<none>')}`);
    return look.withNamespace ? [row.object?.metadata?.namespace ?? '', ...own] : own;
  });
}
