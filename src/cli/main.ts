import { run } from '@stricli/core';
import { commands, serviceCommands } from './commands.ts';
import { createContext } from './create-context.ts';
import { exitCode, fromStricli } from './exit-code.ts';
import { buildApp, findEntry } from './routing.ts';

/** Runs one command line; resolves with the exit code. Never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const typed = serviceGrammar(argv);
  const context = createContext(typed?.service ?? '');
  const app = typed
    ? await buildApp(`drover ${typed.service}`, serviceCommands, typed.words, `Operate the service '${typed.service}'`)
    : await buildApp('drover', commands, argv, BRIEF);
  await run(app, typed ? typed.words : argv.length === 0 ? ['--help'] : [...argv], context);
  if (context.signal.aborted) return exitCode.interrupted;
  return fromStricli(context.process.exitCode);
}

const BRIEF = `Operate stateful data services: every change is a plan you can read, watch, pause and undo.

For one service: drover <service> plan|pod|endpoints|logs|why …, e.g. drover kafka plan status deploy (drover <service> --help lists them)`;

/** `drover <service> …` when the first word is no command; `--name=orders` after it names the service instead. */
function serviceGrammar(argv: readonly string[]): { service: string; words: string[] } | undefined {
  const [first, ...rest] = argv;
  if (first === undefined || first.startsWith('-') || findEntry(commands, first)) return undefined;
  let service = first;
  const words: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word.startsWith('--name=')) service = word.slice('--name='.length);
    else if (word === '--name' && rest[i + 1] !== undefined) service = rest[++i]!;
    else words.push(word);
  }
  // A word alone, or one that no service command follows, is a mistyped command rather than a service.
  const wantsHelp = words.some((word) => word === '--help' || word === '-h');
  if (!wantsHelp && !findEntry(serviceCommands, words[0]) && (words.length === 0 || looksMistyped(first))) return undefined;
  return { service, words: words.length === 0 ? ['--help'] : words };
}

/** True for words within two edits of a command: then did-you-mean helps more than a service of that name. */
function looksMistyped(word: string): boolean {
  return Object.keys(commands).some((name) => distance(name, word) <= 2);
}

/** Levenshtein distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
