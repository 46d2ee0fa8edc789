import { pino, destination } from 'pino';

/** One structured line a decision; key names are those of the model (service, pod, plan, step, revision). Info reads as the story of the cluster. */
export interface Log {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface LogOptions {
  /** File to append to, made with mode 0600; absent: standard error. */
  readonly file?: string;
  /** The least level written; default `info`. */
  readonly level?: 'info' | 'warn' | 'error';
}

/** A log of JSON lines (`time` RFC 3339, `level` as a word, `msg`, then the fields; an `error` or `err` field shows code, message and stack). */
export function createLog(options: LogOptions = {}): Log & { close(): void } {
  // Synchronous: a line that tells of a crash must not be lost in a buffer, and one line a decision is few.
  const stream = destination({ dest: options.file ?? 2, sync: true, mkdir: true, mode: 0o600 });
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError, err: describeError },
    },
    stream,
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    close: () => (options.file === undefined ? undefined : stream.end()),
  };
}

/** A log whose lines carry `fields` too. */
export function withFields(log: Log, fields: Record<string, unknown>): Log {
  return {
    info: (more, message) => log.info({ ...fields, ...more }, message),
    warn: (more, message) => log.warn({ ...fields, ...more }, message),
    error: (more, message) => log.error({ ...fields, ...more }, message),
  };
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? { code: error.code } : {};
  return { ...code, message: error.message, stack: error.stack, ...(error.cause !== undefined && { cause: describeError(error.cause) }) };
}
