import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { Context } from './context.ts';
import { namespaceFlag, parseDuration } from './flags.ts';
import { loadService } from './load-service.ts';
import { logFlags, printLog, type LogFlags } from './log-stream.ts';

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
    const connection = this.connect();
    const { instances } = await loadService(connection, flags.namespace, this.service);
    const names = instances
      .map((instance) => instance.metadata.name)
      .filter((name) => pod === undefined || name === pod || name === `${this.service}-${pod}`);
    if (names.length === 0) {
      return new DroverError(
        'not-found',
        pod === undefined
          ? `${this.service} has no pods yet`
          : `${this.service} has no pod '${pod}'; there are: ${instances.map((i) => i.metadata.name).join(', ')}`,
      );
    }
    const several = names.length > 1;
    const print = (name: string) => printLog(this, connection, name, flags, several ? `[${name}] ` : '');
    if (flags.follow) await Promise.all(names.map(print));
    else for (const name of names.sort()) await print(name);
  },
});
