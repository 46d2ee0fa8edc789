import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Resource } from '../model/resource.ts';
import type { Connection } from './connect.ts';
import { say, sayJson, type Context } from './context.ts';
import { discover, findKind, pathOf, type Discovered } from './discover.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { renderTable } from './render/table.ts';

interface Flags {
  readonly namespace: string;
  readonly allNamespaces: boolean;
  readonly output?: 'wide' | 'yaml' | 'json' | 'name';
  readonly selector?: string;
  readonly watch: boolean;
  readonly json: boolean;
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object?: { readonly metadata?: { readonly namespace?: string } };
  }[];
  readonly metadata?: { readonly resourceVersion?: string };
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

export const command = buildCommand<Flags, [string, ...string[]], Context>({
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
      parameter: { parse: String, brief: 'Kind, then names', placeholder: 'kind [name...]' },
    } as never,
  },
  docs: {
    brief: 'List resources, as kubectl get',
    fullDescription: 'List resources, as kubectl get.\n\nExample:\n  drover get kafkas -o wide\n  drover get pods -w',
  },
  async func(flags, word, ...names) {
    const connection = this.connect();
    const [kindWord = '', slashName] = word.split('/');
    const wanted = slashName === undefined || slashName === '' ? names : [slashName, ...names];
    const kind = findKind(await discover(connection, this.signal), kindWord);
    const output = flags.json ? 'json' : flags.output;
    const target = { kind, namespace: flags.allNamespaces ? undefined : flags.namespace, names: wanted, selector: flags.selector };
    if (output === 'json' || output === 'yaml' || output === 'name') return printObjects(this, connection, target, output);
    await printTable(this, connection, target, { wide: output === 'wide', watch: flags.watch });
  },
});

interface Target {
  readonly kind: Discovered;
  readonly namespace: string | undefined;
  readonly names: readonly string[];
  readonly selector: string | undefined;
}

async function printObjects(context: Context, connection: Connection, target: Target, output: 'json' | 'yaml' | 'name'): Promise<void> {
  const { kind, namespace, names } = target;
  const items =
    names.length > 0
      ? await Promise.all(
          names.map((name) => connection.json<Resource>(pathOf(kind, namespace ?? 'default', name), { signal: context.signal })),
        )
      : ((await connection.json<{ items: Resource[] }>(collectionPath(target), { signal: context.signal })).items ?? []);
  const full = items.map((item) => ({
    ...item,
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
  }));
  if (output === 'name') {
    for (const item of full)
      say(context, `${kind.singular || kind.plural}${kind.group === '' ? '' : `.${kind.group}`}/${item.metadata.name ?? ''}`);
    return;
  }
  const value = names.length === 1 ? full[0] : { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: full };
  if (output === 'json') return sayJson(context, value);
  const { stringify } = await import('yaml');
  context.process.stdout.write(stringify(value));
}

function collectionPath(target: Target, extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...extra, ...(target.selector !== undefined && { labelSelector: target.selector }) }).toString();
  return `${pathOf(target.kind, target.namespace)}${query === '' ? '' : `?${query}`}`;
}

async function printTable(context: Context, connection: Connection, target: Target, how: { wide: boolean; watch: boolean }): Promise<void> {
  const { kind, namespace, names } = target;
  const one = names.length > 0;
  const tables = one
    ? await Promise.all(
        names.map((name) => connection.json<Table>(pathOf(kind, namespace ?? 'default', name), { accept: TABLE, signal: context.signal })),
      )
    : [await connection.json<Table>(collectionPath(target), { accept: TABLE, signal: context.signal })];
  const shown = tables.flatMap((table) => cells(table, how.wide, namespace === undefined && kind.namespaced));
  const header = headerOf(tables[0]!, how.wide, namespace === undefined && kind.namespaced);
  if (shown.length === 0 && !how.watch) {
    context.process.stderr.write(`No resources found${kind.namespaced && namespace !== undefined ? ` in ${namespace} namespace` : ''}.\n`);
    return;
  }
  say(context, renderTable(header, shown));
  if (!how.watch) return;
  if (names.length > 1) throw new DroverError('bad-request', '--watch takes at most one name');
  const from = {
    watch: 'true',
    resourceVersion: tables[0]?.metadata?.resourceVersion ?? '',
    ...(one && { fieldSelector: `metadata.name=${names[0]}` }),
  };
  for await (const line of connection.lines(collectionPath({ ...target, namespace: namespace ?? (one ? 'default' : undefined) }, from), {
    accept: TABLE,
    signal: context.signal,
  })) {
    const event = JSON.parse(line) as { type: string; object: Table };
    if (event.type === 'BOOKMARK' || event.type === 'ERROR') continue;
    for (const row of cells({ ...tables[0]!, rows: event.object.rows ?? [] }, how.wide, namespace === undefined && kind.namespaced)) {
      say(context, row.map((cell, i) => cell.padEnd(i === row.length - 1 ? 0 : widthOf(header, shown, i) + 2)).join(''));
    }
  }
}

function widthOf(header: readonly string[], rows: readonly (readonly string[])[], column: number): number {
  return Math.max(header[column]?.length ?? 0, ...rows.map((row) => row[column]?.length ?? 0));
}

function headerOf(table: Table, wide: boolean, withNamespace: boolean): string[] {
  const names = table.columnDefinitions.filter((column) => wide || column.priority === 0).map((column) => column.name.toUpperCase());
  return withNamespace ? ['NAMESPACE', ...names] : names;
}

function cells(table: Table, wide: boolean, withNamespace: boolean): string[][] {
  const visible = table.columnDefinitions.map((column, i) => ({ column, i })).filter(({ column }) => wide || column.priority === 0);
  return table.rows.map((row) => {
    const own = visible.map(({ i }) => (row.cells[i] === null || row.cells[i] === undefined ? '<none>' : String(row.cells[i])));
    return withNamespace ? [row.object?.metadata?.namespace ?? '', ...own] : own;
  });
}
