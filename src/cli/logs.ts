import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { discover, findKind } from './discover.ts';
import { namespaceFlag, parseDuration } from './flags.ts';
import { logFlags, printLog, printServiceLogs, type LogFlags } from './log-stream.ts';

export const command = buildCommand<LogFlags, [string], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      ...logFlags,
      since: { kind: 'parsed', parse: parseDuration, optional: true, brief: 'Only lines of the last, e.g. 10m', placeholder: 'duration' },
    },
    aliases: { n: 'namespace', f: 'follow', p: 'previous', c: 'container' },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, brief: 'Name of the pod, or kind/name: pod/kafka-1, kafka/kafka', placeholder: 'pod' }],
    },
  },
  docs: {
    brief: 'Show the log of a pod',
    fullDescription:
      'Show the log of a pod, or of all pods of a service (kafka/kafka).\n\nExample:\n  drover logs kafka-1 --tail 50 -f\n  drover logs kafka/kafka --since 10m',
  },
  async func(flags, word) {
    const connection = this.connect();
    const slash = word.indexOf('/');
    if (slash < 0) return printLog(this, connection, word, flags);
    const name = word.slice(slash + 1);
    const kind = findKind(await discover(connection, this.signal), word.slice(0, slash));
    if (kind.categories.includes('data-services')) return printServiceLogs(this, connection, name, flags);
    if (kind.plural === 'pods' || kind.plural === 'podinstances') return printLog(this, connection, name, flags);
    throw new DroverError('bad-request', `a ${kind.kind} has no log; pods and services have: 'drover logs pod/NAME'`);
  },
});
