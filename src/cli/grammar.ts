import { DroverError } from '../base/errors.ts';
import { didYouMean } from '../plan/did-you-mean.ts';
import { commands, findEntry, serviceCommands } from './commands.ts';

/** What a command line means: a command of Drover, or one of the operator's about a service. */
export type Parsed =
  | { readonly grammar: 'drover'; readonly words: readonly string[] }
  | { readonly grammar: 'service'; readonly service: string; readonly words: readonly string[] };

/**
 * Tells the two grammars apart: `drover <service> …` when the first word is no command. `--name orders` or `--name=orders` anywhere after it names the
 * service instead. Throws `bad-request` for a first word that is neither a command nor followed by anything a service could do.
 */
export function parseGrammar(argv: readonly string[]): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined) return { grammar: 'drover', words: ['--help'] };
  if (first.startsWith('-') || findEntry(commands, first)) return { grammar: 'drover', words: argv };
  const { name, words } = takeName(rest);
  const near = didYouMean(first, Object.keys(commands));
  if (words.length === 0 && name === undefined) throw alone(first, near);
  if (near !== undefined && name === undefined && !isServiceCommand(words))
    throw new DroverError('bad-request', `there is no command '${first}'; did you mean 'drover ${near}'? See 'drover --help'`);
  return { grammar: 'service', service: name ?? first, words: words.length === 0 ? ['--help'] : podStatus(words) };
}

function takeName(rest: readonly string[]): { name: string | undefined; words: string[] } {
  let name: string | undefined;
  const words: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    // What follows -- is meant literally.
    if (word === '--') return { name, words: [...words, ...rest.slice(i)] };
    if (word.startsWith('--name=')) name = word.slice('--name='.length);
    else if (word === '--name') name = rest[++i];
    else {
      words.push(word);
      continue;
    }
    if (name === undefined || name === '' || name.startsWith('-'))
      throw new DroverError('bad-request', `--name wants the name of a service, e.g. --name=orders`);
  }
  return { name, words };
}

function alone(word: string, near: string | undefined): DroverError {
  if (near !== undefined)
    return new DroverError('bad-request', `there is no command '${word}'; did you mean 'drover ${near}'? See 'drover --help'`);
  if (findEntry(serviceCommands, word))
    return new DroverError(
      'bad-request',
      `'${word}' is about a service: drover <service> ${word} …, e.g. 'drover kafka ${word}'; 'drover get managedservices' lists them`,
    );
  return new DroverError(
    'bad-request',
    `there is no command '${word}'; if it is a service, say what to do with it: 'drover ${word} plan status deploy' (see 'drover ${word} --help')`,
  );
}

/** True when the words reach a command of the service grammar, by its main names; help counts. */
function isServiceCommand(words: readonly string[]): boolean {
  if (words.includes('--help') || words.includes('-h')) return true;
  const entry = findEntry(serviceCommands, words[0])?.[1];
  if (entry === undefined) return false;
  return entry.routes === undefined || findEntry(entry.routes, words[1]) !== undefined || (words[1] !== undefined && isPodName(words[1]));
}

/** `pod` and `pod kafka-1` are short for `pod status` (target document: `pod <pod-name (optional)>`). */
function podStatus(words: readonly string[]): readonly string[] {
  const [group, next, ...rest] = words;
  if (group !== 'pod' && group !== 'pods') return words;
  if (next === undefined || next === '--json' || isPodName(next)) return [group, 'status', ...(next === undefined ? [] : [next]), ...rest];
  return words;
}

/** Pods of a service end in their number; no command does. */
function isPodName(word: string): boolean {
  return /^[a-z0-9][-a-z0-9]*-\d+$/.test(word);
}
