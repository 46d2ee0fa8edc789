import { run } from '@stricli/core';
import type { Machine } from './machine.ts';
import { commands, serviceCommands } from './commands.ts';
import { createContext } from './create-context.ts';
import { exitCode, exitCodeOf, fromStricli } from './exit-code.ts';
import { parseGrammar, type Parsed } from './grammar.ts';
import { messageOf } from './message.ts';
import { buildApp } from './routing.ts';

/** Runs one command line; resolves with the exit code. Never throws. */
export async function main(argv: readonly string[], machine: Machine): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parseGrammar(argv);
  } catch (error) {
    process.stderr.write(`drover: error: ${messageOf(error)}\n`);
    return exitCodeOf(error);
  }
  const context = createContext(parsed.grammar === 'service' ? parsed.service : '', machine);
  const app =
    parsed.grammar === 'service'
      ? await buildApp(`drover ${parsed.service}`, serviceCommands, parsed.words, `Operate the service '${parsed.service}'`)
      : await buildApp('drover', commands, parsed.words, BRIEF);
  await run(app, parsed.words, context);
  if (context.signal.aborted) return exitCode.interrupted;
  return fromStricli(context.process.exitCode);
}

const BRIEF = `Operate stateful data services: every change is a plan you can read, watch, pause and undo.

For one service: drover <service> plan|pod|endpoints|logs|why …, e.g. drover kafka plan status deploy (drover <service> --help lists them)`;
