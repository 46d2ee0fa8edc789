import { buildCommand } from '@stricli/core';
import type { Context } from './context.ts';
import { namespaceFlag, parseDuration } from './flags.ts';
import { logFlags, printServiceLogs, type LogFlags } from './log-stream.ts';

export const command = buildCommand<LogFlags, [string?], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      ...logFlags,
      since: { kind: 'parsed', parse: parseDuration, optional: true, brief: 'Only lines of the last, e.g. 10m', placeholder: 'duration' },
    },
    aliases: { n: 'namespace', f: 'follow', p: 'previous', c: 'container' },
    positional: { kind: 'tuple', parameters: [{ parse: String, optional: true, brief: 'Only this pod', placeholder: 'pod' }] },
  },
  docs: {
    brief: 'Logs of the service’s pods',
    fullDescription:
      'Logs of all pods of the service, or of one; each line behind the name of its pod where there are several.\n\nExample:\n  drover kafka logs --tail 20 -f',
  },
  async func(flags, pod) {
    await printServiceLogs(this, this.connect(), this.service, flags, pod);
  },
});
