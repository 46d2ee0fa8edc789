import { buildCommand } from '@stricli/core';
import { DroverError } from '../../base/errors.ts';
import { hint } from '../../plan/did-you-mean.ts';
import { planNames } from '../../plan/plan-list.ts';
import { planTree } from '../../plan/plan-tree.ts';
import { planView } from '../../plan/plan-view.ts';
import { say, sayJson, type Context } from '../context.ts';
import { jsonFlag, namespaceFlag } from '../flags.ts';
import { loadPlan } from '../load-service.ts';

export const command = buildCommand<{ namespace: string; json: boolean; watch: boolean }, [string], Context>({
  parameters: {
    flags: {
      namespace: namespaceFlag,
      json: jsonFlag,
      watch: { kind: 'boolean', brief: 'Draw it live until it is complete', default: false, withNegated: false },
    },
    aliases: { n: 'namespace', w: 'watch' },
    positional: { kind: 'tuple', parameters: [{ parse: String, brief: 'Name of the plan', placeholder: 'plan' }] },
  },
  docs: {
    brief: 'The tree of a plan',
    fullDescription:
      'The tree of a plan: phases, steps and their status. --json adds ids, times, attempts and reasons; --watch draws it live.\n\nExample:\n  drover kafka plan status deploy --watch',
  },
  async func(flags, plan) {
    const connection = this.connect();
    if (flags.watch) {
      const { watchPlan } = await import('../watch-plan.ts');
      await watchPlan(this, connection, { namespace: flags.namespace, service: this.service, plan });
      return;
    }
    const { service, runs, instances } = await loadPlan(connection, flags.namespace, this.service, plan);
    const view = planView(service, plan, runs, instances, Date.now());
    if (view === undefined)
      return new DroverError('not-found', `${this.service} has no plan '${plan}'.${hint(plan, planNames(service, runs))}`);
    if (flags.json) sayJson(this, view);
    else say(this, planTree(view));
  },
});
