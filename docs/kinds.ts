import { writeFileSync } from 'node:fs';
import type { Kind } from '../src/model/kind.ts';
import { apiVersionOf } from '../src/model/kind.ts';

// Writes docs/kinds.md from the schemas: `node docs/kinds.ts`. A test compares the file with the schemas.

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** The reference page of all kinds as Markdown. */
export function kindsPage(kinds: readonly Kind[]): string {
  const parts = kinds.map((kind) => section(kind));
  return `# Kinds\n\nGenerated from the schemas by \`node docs/kinds.ts\`. \`metadata\` is Kubernetes' and left out; fields in **bold** are required.\n\n${parts.join('\n')}`;
}

function section(kind: Kind): string {
  const names = [kind.plural, ...(kind.shortNames ?? [])].map((name) => `\`${name}\``).join(', ');
  const schema = kind.schema as Schema;
  const rows = Object.entries(schema.properties ?? {})
    .filter(([name]) => !['apiVersion', 'kind', 'metadata'].includes(name))
    .flatMap(([name, child]) => fields(name, child, schema.required?.includes(name) ?? false, 0));
  return [
    `## ${kind.kind}`,
    '',
    `\`${apiVersionOf(kind)}\`, ${names}, ${kind.namespaced ? 'in a namespace' : 'cluster-wide'}. ${kind.description}`,
    '',
    '| field | type | default | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function fields(path: string, schema: Schema, required: boolean, depth: number): string[] {
  const row = `| ${required ? `**${path}**` : path} | ${typeOf(schema)} | ${schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``} | ${text(schema)} |`;
  return [row, ...children(path, schema, depth)];
}

function children(path: string, schema: Schema, depth: number): string[] {
  if (depth > 8) return [];
  const rows = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    fields(`${path}.${name}`, child, schema.required?.includes(name) ?? false, depth + 1),
  );
  if (schema.items) rows.push(...children(`${path}[]`, schema.items, depth + 1));
  for (const value of Object.values(schema.patternProperties ?? {})) rows.push(...children(`${path}.*`, value, depth + 1));
  if (typeof schema.additionalProperties === 'object') rows.push(...children(`${path}.*`, schema.additionalProperties, depth + 1));
  for (const option of schema.anyOf ?? []) rows.push(...children(path, option, depth + 1));
  return rows;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'any'}`;
  if (schema.type === 'object' && schema.properties === undefined) return 'map';
  return schema.type ?? 'any';
}

function text(schema: Schema): string {
  const limits = [
    schema.minimum === undefined ? '' : `at least ${schema.minimum}`,
    schema.maximum === undefined ? '' : `at most ${schema.maximum}`,
    schema.pattern === undefined ? '' : `matches \`${schema.pattern.replaceAll('|', '\\|')}\``,
  ].filter((limit) => limit !== '');
  return [schema.description ?? '', limits.join(', ')]
    .filter((part) => part !== '')
    .join(' — ')
    .replaceAll('\n', ' ')
    .replaceAll(/(?<!\\)\|/g, '\\|');
}

if (import.meta.main) {
  const { coreKinds } = await import('../src/model/kinds.ts');
  const { kafkaKind } = await import('../src/operators/kafka/kind.ts');
  writeFileSync(new URL('kinds.md', import.meta.url), kindsPage([...coreKinds, kafkaKind]));
}
