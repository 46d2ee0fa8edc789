import { buildCommand } from '@stricli/core';
import { planNames } from '../../plan/plan-list.ts';
import { sayJson, type Context } from '../context.ts';
import { namespaceFlag } from '../flags.ts';
import { loadService } from '../load-service.ts';

export const command = buildCommand<{ namespace: string }, [], Context>({
  parameters: { flags: { namespace: namespaceFlag }, aliases: { n: 'namespace' } },
  docs: {
    brief: 'Names of the service’s plans',
    fullDescription: 'Names of the service’s plans, as JSON.\n\nExample:\n  drover kafka plan list',
  },
  async func(flags) {
    const { service, runs } = await loadService(this.connect(), flags.namespace, this.service);
    sayJson(this, planNames(service, runs));
  },
});
