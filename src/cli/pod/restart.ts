import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { jsonFlag, namespaceFlag, reasonFlag } from '../flags.ts';
import { operate, sayOutcome, type ActFlags } from '../operate.ts';

export const command = buildCommand<ActFlags, [string], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, reason: reasonFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Pod, e.g. kafka-1', placeholder: 'pod' }] },
  },
  docs: {
    brief: 'Restart a pod in place',
    fullDescription:
      'Restart a pod in place, with its volumes, as soon as the service can spare it. The recovery plan shows the progress.\n\nExample:\n  drover kafka pod restart kafka-1 --reason "leaks memory"',
  },
  async func(flags, pod) {
    const operation = await operate(this, flags, 'pod-restart', { pod });
    return sayOutcome(this, flags, operation, `pod "${pod}" is being restarted: drover ${this.service} plan status recovery --watch`);
  },
});
