import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';
import { namespaceFlag, parseDuration } from './flags.ts';
import { logFlags, printLog, type LogFlags } from './log-stream.ts';

export const command = buildCommand<LogFlags, [string], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      ...logFlags,
      since: { kind: 'parsed', parse: parseDuration, optional: true, brief: 'Only lines of the last, e.g. 10m', placeholder: 'duration' },
    },
    aliases: { n: 'namespace', f: 'follow', p: 'previous', c: 'container' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Name of the pod', placeholder: 'pod' }] },
  },
  docs: { brief: 'Show the log of a pod', fullDescription: 'Show the log of a pod.\n\nExample:\n  drover logs kafka-1 --tail 50 -f' },
  async func(flags, pod) {
    await printLog(this, this.connect(), pod, flags);
  },
});
