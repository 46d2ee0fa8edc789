/**
 * What a task does, as data: the fake driver plays it, `toShell` makes a real program of it. So that one conformance suite holds for both,
 * and the simulator can say how its tasks behave.
 */
export type Program = readonly Step[];

/** One act of a program. Paths are relative to its working directory. A program that comes to its end exits with 0. */
export type Step =
  | { readonly do: 'print'; readonly text: string }
  | { readonly do: 'print-env'; readonly name: string }
  | { readonly do: 'print-file'; readonly path: string }
  /** Prints the last part of the working directory's path. */
  | { readonly do: 'print-directory' }
  | { readonly do: 'write-file'; readonly path: string; readonly text: string }
  /** From now on SIGTERM has no effect. */
  | { readonly do: 'ignore-term' }
  | { readonly do: 'sleep'; readonly ms: number }
  | { readonly do: 'exit'; readonly code: number }
  /** Ends by a signal that it sends itself. */
  | { readonly do: 'die'; readonly signal: number }
  /** Runs until it is stopped. */
  | { readonly do: 'wait' };

/** The same program for a POSIX shell: the text of `sh -c`. */
export function toShell(program: Program): string {
  return program.map(shellStep).join('\n');
}

function shellStep(step: Step): string {
  switch (step.do) {
    case 'print':
      return `printf '%s\\n' ${quote(step.text)}`;
    case 'print-env':
      return `printf '%s\\n' "$${step.name}"`;
    case 'print-file':
      return `cat ${quote(step.path)}; echo`;
    case 'print-directory':
      return `printf '%s\\n' "\${PWD##*/}"`;
    case 'write-file':
      return `printf '%s' ${quote(step.text)} >${quote(step.path)}`;
    case 'ignore-term':
      return `trap '' TERM`;
    case 'sleep':
      return `sleep ${step.ms / 1000}`;
    case 'exit':
      return `exit ${step.code}`;
    case 'die':
      return `kill -${step.signal} $$`;
    case 'wait':
      return 'exec sleep 1000000';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
