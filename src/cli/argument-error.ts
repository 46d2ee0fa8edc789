import { ArgumentScannerError, formatMessageForArgumentScannerError } from '@stricli/core';
import { messageOf } from './message.ts';

/** What is wrong with the arguments of a command, in our words. `command` is how it was called: `drover kafka plan status`. */
export function argumentError(error: unknown, command: string): string {
  const help = `see '${command} --help'`;
  if (!(error instanceof ArgumentScannerError)) return `${messageOf(error)}; ${help}`;
  const text = formatMessageForArgumentScannerError(error, {
    UnsatisfiedPositionalError: ({ placeholder }) => `missing: ${placeholder}`,
    UnexpectedPositionalError: ({ input }) => `'${input}' is one word too many`,
    UnsatisfiedFlagError: ({ externalFlagName }) => `--${externalFlagName} wants a value`,
    FlagNotFoundError: ({ input, corrections }) => `there is no flag --${input}${didYouMean(corrections.map((name) => `--${name}`))}`,
    AliasNotFoundError: ({ input }) => `there is no flag -${input}`,
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, exception }) => `${externalFlagNameOrPlaceholder}: ${messageOf(exception)}`,
    EnumValidationError: ({ externalFlagName, input, values }) =>
      `--${externalFlagName} cannot be '${input}'; it takes ${values.join(', ')}`,
  });
  return `${text}; ${help}`;
}

function didYouMean(words: readonly string[]): string {
  return words.length === 0 ? '' : `; did you mean ${words.join(' or ')}?`;
}
