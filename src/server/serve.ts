import { once } from 'node:events';
import { DroverError } from '../base/errors.ts';
import { messageOf } from '../cli/message.ts';
import { createLog } from '../observe/log.ts';
import { lockHome } from './home-lock.ts';
import { prepareHome, type Home } from './home.ts';
import { parseListen } from './listen-address.ts';
import { startServer } from './start-server.ts';

export interface ServeOptions {
  readonly home: Home;
  /** host:port, loopback; port 0: any free one. */
  readonly listen: string;
  readonly logLevel: 'info' | 'warn' | 'error';
}

/** How long an orderly end may take before the process leaves anyway: everything it does is safe to interrupt. */
const CLOSE_MS = 15_000;

/** Serves a home until SIGTERM or SIGINT. Tasks go on after it. Throws when it cannot start: the lock is held, the state is damaged, the port is taken. */
export async function serve(options: ServeOptions): Promise<void> {
  const listen = parseListen(options.listen);
  prepareHome(options.home);
  const lock = lockHome(options.home);
  const log = createLog({ level: options.logLevel });
  process.on('unhandledRejection', (error) => fatal(log, error));
  process.on('uncaughtException', (error) => fatal(log, error));
  try {
    const server = await startServer({ home: options.home, listen, log });
    const [signal] = (await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])) as [string];
    log.info({ signal }, 'the server ends; tasks go on');
    const late = setTimeout(() => fatal(log, new DroverError('timeout', `the server did not end within ${CLOSE_MS / 1000} s`)), CLOSE_MS);
    await server.close();
    clearTimeout(late);
    log.info({}, 'the server has ended');
  } finally {
    lock.release();
  }
}

/** A fault that nobody handled: the state on disk is sound, so the cure is a new process. */
function fatal(log: { error(fields: Record<string, unknown>, message: string): void }, error: unknown): void {
  log.error({ error }, `fatal: ${messageOf(error)}`);
  process.exit(70);
}
