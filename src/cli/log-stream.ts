import { DroverError, hasCode } from '../base/errors.ts';
import type { Connection } from './connect.ts';
import type { Context } from './context.ts';
import { pathOf } from './discover.ts';
import { hint } from '../plan/did-you-mean.ts';
import { loadService } from './load-service.ts';
import { orHint } from './missing.ts';
import { podRef } from './refs.ts';

/** How a log is read; as `kubectl logs`. */
export interface LogFlags {
  readonly namespace: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tail?: number;
  readonly since?: number;
  readonly container?: string;
}

export const logFlags = {
  follow: { kind: 'boolean', brief: 'Go on as lines come', default: false, withNegated: false },
  previous: { kind: 'boolean', brief: 'The run before the present one', default: false, withNegated: false },
  timestamps: { kind: 'boolean', brief: 'Begin each line with its time', default: false, withNegated: false },
  tail: { kind: 'parsed', parse: parseCount, optional: true, brief: 'Only the last lines', placeholder: 'lines' },
  container: { kind: 'parsed', parse: String, optional: true, brief: 'Task, where a pod has several', placeholder: 'task' },
} as const;

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new SyntaxError(`'${text}' is no number of lines`);
  return Number(text);
}

/** Writes the log of one pod to stdout, each line behind `prefix`. */
export async function printLog(context: Context, connection: Connection, pod: string, flags: LogFlags, prefix = ''): Promise<void> {
  const query = new URLSearchParams();
  if (flags.follow) query.set('follow', 'true');
  if (flags.previous) query.set('previous', 'true');
  if (flags.timestamps) query.set('timestamps', 'true');
  if (flags.tail !== undefined) query.set('tailLines', String(flags.tail));
  if (flags.since !== undefined) query.set('sinceSeconds', String(Math.max(1, Math.round(flags.since / 1000))));
  if (flags.container !== undefined) query.set('container', flags.container);
  try {
    for await (const line of connection.lines(`${pathOf(podRef, flags.namespace, pod)}/log?${query.toString()}`, {
      signal: context.signal,
    })) {
      context.process.stdout.write(`${prefix}${line}\n`);
    }
  } catch (error) {
    if (context.signal.aborted) return;
    if (hasCode(error, 'not-found') && !/container/.test(error.message))
      await orHint(connection, podRef, { namespace: flags.namespace, name: pod }, () => Promise.reject(error));
    throw error instanceof DroverError
      ? error
      : new DroverError('unavailable', `the log of ${pod} broke off: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes the logs of all pods of a service, or of one of them; each line behind the name of its pod where there are several. Throws `not-found`. */
export async function printServiceLogs(
  context: Context,
  connection: Connection,
  service: string,
  flags: LogFlags,
  pod?: string,
): Promise<void> {
  const { instances } = await loadService(connection, flags.namespace, service);
  const all = instances.map((instance) => instance.metadata.name).sort();
  const names = all.filter((name) => pod === undefined || name === pod || name === `${service}-${pod}`);
  if (names.length === 0)
    throw new DroverError(
      'not-found',
      pod === undefined ? `${service} has no pods yet` : `${service} has no pod '${pod}'.${hint(pod, all)}`,
    );
  const several = names.length > 1;
  const print = (name: string) => printLog(context, connection, name, flags, several ? `[${name}] ` : '');
  if (flags.follow) await Promise.all(names.map(print));
  else for (const name of names) await print(name);
}
