import { readFileSync } from 'node:fs';
import { run } from '@stricli/core';
import { describe, expect, it } from 'vitest';
import { commands, serviceCommands, type CommandTable } from './commands.ts';
import { fakeContext } from './context-fixture.ts';
import { buildApp } from './routing.ts';

const docs = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

function leaves(table: CommandTable, path: readonly string[] = []): { path: readonly string[] }[] {
  return Object.entries(table).flatMap(([name, entry]) =>
    entry.routes ? leaves(entry.routes, [...path, name]) : [{ path: [...path, name] }],
  );
}

async function output(prefix: string, table: CommandTable, words: readonly string[]) {
  const fake = fakeContext();
  await run(await buildApp(prefix, table, words, 'brief'), [...words], fake.context);
  return { ...fake, code: fake.context.process.exitCode };
}

describe.each([
  ['drover', commands],
  ['drover kafka', serviceCommands],
] as const)('%s', (prefix, table) => {
  it.each(leaves(table).map(({ path }) => [path.join(' ')] as const))(
    '%s --help says what it does, with an example that it could run',
    async (path) => {
      const { stdout, code } = await output(prefix, table, [...path.split(' '), '--help']);
      const [summary, example = ''] = stdout().split('Example:\n');
      expect(code).toBe(0);
      expect(summary).toMatch(/\n[A-Z].{20,}\./);
      expect(example).toMatch(/^ {2}\S/);
      expect(example).toContain('drover ');
      expect(example).toContain(path.split(' ').at(-1));
    },
  );

  it.each(leaves(table).map(({ path }) => [path.join(' ')] as const))('%s stands in docs/cli.md', (path) => {
    expect(docs).toMatch(new RegExp(`\`(drover )?(${path.replace(/^(plan|pod) /, '($1 )?')})\\b`));
  });

  it.each(Object.entries(table).map(([name, entry]) => [name, entry.brief] as const))(
    'the list of commands shows %s',
    async (name, brief) => {
      const { stdout } = await output(prefix, table, ['--help']);
      expect(stdout()).toContain(name);
      expect(stdout()).toContain(brief.split(';')[0]);
    },
  );
});

it.each<[string, CommandTable, string, string]>([
  ['an unknown command', commands, 'gett', `there is no command 'gett'. Did you mean "get"? See 'drover --help'`],
  [
    'an unknown verb of a group',
    serviceCommands,
    'plan stats',
    `there is no command 'stats'. Did you mean "status"? See 'drover plan --help'`,
  ],
  ['an unknown flag', commands, 'get pods --namespac x', `there is no flag --namespac; did you mean --namespace?; see 'drover get --help'`],
  ['an unknown short flag', commands, 'get pods -x', `there is no flag -x; see 'drover get --help'`],
  ['a word too many', serviceCommands, 'plan start deploy now', `'now' is one word too many; see 'drover plan start --help'`],
  ['a missing word', serviceCommands, 'plan status', `missing: plan; see 'drover plan status --help'`],
  ['a missing flag', commands, 'apply', `--filename wants a value; see 'drover apply --help'`],
  [
    'a value that is none of those allowed',
    commands,
    'get pods -o yml',
    `--output cannot be 'yml'; it takes wide, yaml, json, name; see 'drover get --help'`,
  ],
  [
    'a duration that is none',
    commands,
    'logs kafka-1 --since 5x',
    `since: '5x' is no duration; write e.g. 90s, 5m or 1h; see 'drover logs --help'`,
  ],
])('%s is one line that says what to do', async (_name, table, line, expected) => {
  const { stdout, stderr, code } = await output('drover', table, line.split(' '));
  expect(stderr()).toBe(`drover: error: ${expected}\n`);
  expect(stdout()).toBe('');
  expect(code).toBeLessThan(0);
});
