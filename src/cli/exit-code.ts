import { ExitCode } from '@stricli/core';
import { DroverError } from '../base/errors.ts';

/** What the command line exits with; the table in docs/cli.md. */
export const exitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  noServer: 5,
  timedOut: 6,
  interrupted: 130,
} as const;

/** The exit code of a fault. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof DroverError)) return exitCode.failed;
  switch (error.code) {
    case 'not-found':
      return exitCode.notFound;
    case 'conflict':
    case 'already-exists':
      return exitCode.conflict;
    case 'unavailable':
    case 'unauthorized':
      return exitCode.noServer;
    case 'bad-request':
      return exitCode.usage;
    case 'timeout':
      return exitCode.timedOut;
    default:
      return exitCode.failed;
  }
}

/** Our number for what stricli says of a finished command: its own codes for wrong usage are negative. */
export function fromStricli(code: number | string | null | undefined): number {
  if (code === undefined || code === null) return exitCode.ok;
  const value = Number(code);
  if (value === ExitCode.UnknownCommand || value === ExitCode.InvalidArgument) return exitCode.usage;
  return value < 0 ? exitCode.failed : value;
}
