import type { CommandContext, StricliProcess } from '@stricli/core';
import type { Connection } from './connect.ts';
import type { Machine } from './machine.ts';

/** What a command gets instead of the process: so every command runs in a test without one. */
export interface Context extends CommandContext {
  readonly process: StricliProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
  /** Who asks: the name of the user. */
  actor(): string;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** True when stdout is a terminal: live drawing and colour are allowed. */
  readonly isTerminal: boolean;
  /** Width of the terminal, 80 where there is none. */
  readonly columns: number;
  /** The service of `drover <service> …`; empty for the other grammar. */
  readonly service: string;
  /** A connection to the server of this home. Throws `unavailable` when none is known. */
  connect(): Connection;
  /** Asks a yes/no question on the terminal; false without one. */
  ask(question: string): Promise<boolean>;
  /** All of standard input as text. */
  readInput(): Promise<string>;
}

/** Writes one line to stdout. */
export function say(context: Context, line = ''): void {
  context.process.stdout.write(`${line}\n`);
}

/** Writes one line to stderr: progress, warnings, hints. */
export function note(context: Context, line: string): void {
  context.process.stderr.write(`${line}\n`);
}

/** Prints a value as JSON, indented by two. */
export function sayJson(context: Context, value: unknown): void {
  say(context, JSON.stringify(value, null, 2));
}
