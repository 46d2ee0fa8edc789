import { buildApplication, buildCommand, buildRouteMap, text_en, type Application, type Command, type RouteMap } from '@stricli/core';
import { hint } from '../plan/did-you-mean.ts';
import { argumentError } from './argument-error.ts';
import { findEntry, type CommandTable } from './commands.ts';
import type { Context } from './context.ts';
import { exitCodeOf } from './exit-code.ts';
import { messageOf } from './message.ts';

/**
 * A stricli application in which only the commands on the path of `words` are loaded; all others are there by name, for help and did-you-mean.
 * `prefix` is how a person called it (`drover`, `drover kafka`).
 */
export async function buildApp(
  prefix: string,
  table: CommandTable,
  words: readonly string[],
  brief: string,
): Promise<Application<Context>> {
  const root = await buildRoutes(table, words, brief);
  const reached = follow(prefix, table, words);
  return buildApplication(root, {
    name: prefix,
    scanner: {
      caseStyle: 'allow-kebab-for-camel',
      allowArgumentEscapeSequence: true,
      distanceOptions: { threshold: 3, weights: { insertion: 1, deletion: 1, substitution: 1, transposition: 0 } },
    },
    documentation: {
      caseStyle: 'convert-camel-to-kebab',
      disableAnsiColor: true,
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
    determineExitCode: exitCodeOf,
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input }) =>
          `drover: error: there is no command '${input}'.${hint(input, Object.keys(reached.table))} See '${reached.path} --help'`,
        exceptionWhileParsingArguments: (error) => `drover: error: ${argumentError(error, reached.path)}`,
        exceptionWhileLoadingCommandFunction: (error) => `drover: error: ${messageOf(error)}`,
        exceptionWhileLoadingCommandContext: (error) => `drover: error: ${messageOf(error)}`,
        exceptionWhileRunningCommand: (error) => `drover: error: ${messageOf(error)}`,
        commandErrorResult: (error) => `drover: error: ${messageOf(error)}`,
      },
    },
  });
}

/** How far the words lead: the table of the last group on their way, and the command with the words that led there. */
function follow(path: string, table: CommandTable, words: readonly string[]): { path: string; table: CommandTable } {
  const [name, entry] = findEntry(table, words[0]) ?? [];
  if (entry === undefined) return { path, table };
  return entry.routes ? follow(`${path} ${name}`, entry.routes, words.slice(1)) : { path: `${path} ${name}`, table };
}

async function buildRoutes(table: CommandTable, words: readonly string[], brief: string): Promise<RouteMap<Context>> {
  const typed = findEntry(table, words[0])?.[0];
  const routes: Record<string, Command<Context> | RouteMap<Context>> = {};
  const aliases: Record<string, string> = {};
  for (const [name, entry] of Object.entries(table)) {
    for (const alias of entry.aliases ?? []) aliases[alias] = name;
    if (entry.routes) routes[name] = await buildRoutes(entry.routes, name === typed ? words.slice(1) : [], entry.brief);
    else routes[name] = name === typed && entry.load ? (await entry.load()).command : nameOnly(entry.brief);
  }
  return buildRouteMap({ routes, aliases, docs: { brief } });
}

/** Stands for a command that was not typed: its name and brief are all that help shows. */
function nameOnly(brief: string): Command<Context> {
  return buildCommand<Record<never, never>, [], Context>({ func() {}, parameters: {}, docs: { brief } });
}
