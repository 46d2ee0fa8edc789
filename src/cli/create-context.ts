import type { Context } from './context.ts';
import { connect } from './connect.ts';
import type { Machine } from './machine.ts';
import { SHOW_CURSOR } from './render/cursor.ts';

/** The context of a real process. Ctrl-C aborts `signal` once; a second one ends the process at once. */
export function createContext(service: string, machine: Machine): Context {
  const interrupt = new AbortController();
  process.on('SIGINT', () => {
    if (interrupt.signal.aborted) {
      if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
      process.exit(130);
    }
    interrupt.abort(new Error('interrupted'));
  });
  // A reader that goes away (`drover get pods | head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    process: process as Context['process'],
    env: process.env,
    machine,
    actor,
    signal: interrupt.signal,
    isTerminal: process.stdout.isTTY === true && process.env['TERM'] !== 'dumb',
    // Asked each time: a window can be resized while a plan is drawn.
    get columns() {
      return process.stdout.columns ?? 80;
    },
    service,
    connect: () => connect(machine),
    async ask(question) {
      if (!process.stdin.isTTY) return false;
      const { createInterface } = await import('node:readline/promises');
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal: interrupt.signal })).trim());
      } catch {
        return false;
      } finally {
        terminal.close();
      }
    },
    async readInput() {
      const parts: Buffer[] = [];
      for await (const part of process.stdin) parts.push(part as Buffer);
      return Buffer.concat(parts).toString('utf8');
    },
  };
}

/** A user that the system has no name for (in a container, say) is known by its number. */
function actor(): string {
  try {
    return process.getBuiltinModule('node:os').userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
