import { buildCommand } from '@stricli/core';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { DroverError } from '../../base/errors.ts';
import { hint } from '../../plan/did-you-mean.ts';
import { podInstanceTree, podTree } from '../../plan/pod-tree.ts';
import { podsView } from '../../plan/pod-view.ts';
import { say, sayJson, type Context } from '../context.ts';
import { jsonFlag, namespaceFlag } from '../flags.ts';
import { loadService } from '../load-service.ts';
import { podRef } from '../refs.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, [string?], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: { kind: 'tuple', parameters: [{ parse: String, optional: true, brief: 'Only this pod', placeholder: 'pod' }] },
  },
  docs: {
    brief: 'The tree of pods and tasks',
    fullDescription: 'The tree of pods and tasks with their status.\n\nExample:\n  drover kafka pod status',
  },
  async func(flags, pod) {
    const connection = this.connect();
    const [{ service, instances }, pods] = await Promise.all([
      loadService(connection, flags.namespace, this.service),
      connection.client.list(podRef, { namespace: flags.namespace, labelSelector: `${LABEL_SERVICE}=${this.service}` }),
    ]);
    const view = podsView(service, instances, pods.items);
    if (pod === undefined) {
      if (flags.json) return sayJson(this, view);
      return say(this, podTree(view));
    }
    const all = view.pods.flatMap((type) => type.instances);
    const one = all.find((candidate) => candidate.name === pod || candidate.instance === pod);
    const labels = all.map((candidate) => candidate.name);
    if (one === undefined) return new DroverError('not-found', `${this.service} has no pod '${pod}'.${hint(pod, labels)}`);
    if (flags.json) sayJson(this, one);
    else say(this, podInstanceTree(one));
  },
});
