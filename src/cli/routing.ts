import { buildApplication, buildCommand, buildRouteMap, text_en, type Application, type Command, type RouteMap } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { CommandEntry, CommandTable } from './commands.ts';
import type { Context } from './context.ts';
import { exitCodeOf } from './exit-code.ts';

/** The entry that a word means, by name or alias. */
export function findEntry(table: CommandTable, word: string | undefined): [string, CommandEntry] | undefined {
  if (word === undefined) return undefined;
  return Object.entries(table).find(([name, entry]) => name === word || entry.aliases?.includes(word));
}

/**
 * A stricli application in which only the commands on the path of `words` are loaded; all others are there by name, for help and did-you-mean.
 * `prefix` is how a person called it (`drover`, `drover kafka`).
 */
export async function buildApp(prefix: string, table: CommandTable, words: readonly string[], brief: string): Promise<Application<Context>> {
  const root = await buildRoutes(table, words, brief);
  return buildApplication(root, {
    name: prefix,
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab', disableAnsiColor: true, useAliasInUsageLine: false, onlyRequiredInUsageLine: true },
    determineExitCode: exitCodeOf,
    localization: {
      text: {
        ...text_en,
        noCommandRegisteredForInput: ({ input, corrections }) =>
          `drover: error: there is no command '${input}'${corrections.length > 0 ? `; did you mean ${corrections.map((c) => `'${c}'`).join(' or ')}?` : ''} See '${prefix} --help'`,
        exceptionWhileParsingArguments: (error) => `drover: error: ${messageOf(error)}, see --help`,
        exceptionWhileLoadingCommandFunction: (error) => `drover: error: ${messageOf(error)}`,
        exceptionWhileLoadingCommandContext: (error) => `drover: error: ${messageOf(error)}`,
        exceptionWhileRunningCommand: (error) => `drover: error: ${messageOf(error)}`,
        commandErrorResult: (error) => `drover: error: ${messageOf(error)}`,
      },
    },
  });
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

/** One line for a fault: the message, then the wrong fields. */
export function messageOf(error: unknown): string {
  if (error instanceof DroverError) {
    const causes = error.causes.filter((cause) => !error.message.includes(cause.message));
    return [error.message, ...causes.map((cause) => `  ${cause.field}: ${cause.message}`)].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}
