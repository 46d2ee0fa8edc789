import { buildCommand } from '@stricli/core';
import { DroverError } from '../../base/errors.ts';
import type { Context } from '../context.ts';
import { jsonFlag, namespaceFlag, reasonFlag, yesFlag } from '../flags.ts';
import { operate, sayOutcome, type ActFlags } from '../operate.ts';

interface Flags extends ActFlags {
  readonly yes: boolean;
  readonly force: boolean;
}

export const command = buildCommand<Flags, [string], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      reason: reasonFlag,
      json: jsonFlag,
      yes: yesFlag,
      force: { kind: 'boolean', brief: 'Do it although data is known to be lost; needs --reason', default: false, withNegated: false },
    },
    aliases: { n: 'namespace', y: 'yes' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Pod, e.g. kafka-1', placeholder: 'pod' }] },
  },
  docs: {
    brief: 'Replace a pod with new, empty volumes',
    fullDescription:
      'Replace a pod: it ends, its volumes are DELETED, and it starts again with new ones. Refused when the service knows that data would be lost (the last in-sync replica, no quorum), unless --force with --reason. Asks first, unless --yes.\n\nExample:\n  drover kafka pod replace kafka-1',
  },
  async func(flags, pod) {
    if (flags.force && flags.reason === undefined) return new DroverError('bad-request', '--force needs --reason: it stays in the records');
    if (!flags.yes && !(await this.ask(`Replace pod "${pod}" of ${this.service}? All data in its volumes is deleted.`))) {
      return new DroverError('forbidden', 'nothing was done; answer y, or use --yes where nobody can be asked');
    }
    const operation = await operate(this, flags, 'pod-replace', { pod }, flags.force ? { force: true } : {});
    return sayOutcome(this, flags, operation, `pod "${pod}" is being replaced: drover ${this.service} plan status recovery --watch`);
  },
});
