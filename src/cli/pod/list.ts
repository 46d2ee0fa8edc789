import { buildCommand } from '@stricli/core';
import { podLabel } from '../../plan/names.ts';
import { sayJson, type Context } from '../context.ts';
import { namespaceFlag } from '../flags.ts';
import { loadService } from '../load-service.ts';

export const command = buildCommand<{ namespace: string }, [], Context>({
  parameters: { flags: { namespace: namespaceFlag }, aliases: { n: 'namespace' } },
  docs: {
    brief: 'Names of the service’s pods',
    fullDescription: 'Names of the service’s pods, as JSON.\n\nExample:\n  drover kafka pod list',
  },
  async func(flags) {
    const { instances } = await loadService(this.connect(), flags.namespace, this.service);
    sayJson(this, instances.map(({ spec }) => podLabel(spec.podType, spec.index)).sort());
  },
});
