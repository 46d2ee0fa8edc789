import { buildCommand } from '@stricli/core';
import { DroverError } from '../base/errors.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { Stored } from '../model/resource.ts';
import type { Connection } from './connect.ts';
import { say, sayJson, type Context } from './context.ts';
import { explainInstance, explainRun, explainService, explainStep, type Evidence, type Finding } from './explain.ts';
import { jsonFlag, namespaceFlag } from './flags.ts';
import { loadService } from './load-service.ts';
import { eventRef, managedServiceRef, podInstanceRef, podRef } from './refs.ts';
import { renderAge } from './render/age.ts';

export const command = buildCommand<{ namespace: string; json: boolean }, [string?], Context>({
  parameters: {
    flags: { namespace: namespaceFlag, json: jsonFlag },
    aliases: { n: 'namespace' },
    positional: { kind: 'tuple', parameters: [{ parse: String, optional: true, brief: 'A service, pod, plan or step', placeholder: 'thing' }] },
  },
  docs: {
    brief: 'Say why a step waits, a pod is pending or a task was restarted',
    fullDescription:
      'Say why, from recorded reasons: a service (why it is not ready), a pod (why it is pending, here, or was restarted), a plan or a step (why it waits, since when).\n\nExample:\n  drover why kafka-1\n  drover kafka why deploy',
  },
  async func(flags, thing) {
    const connection = this.connect();
    const findings = await answer(connection, flags.namespace, this.service, thing);
    if (flags.json) return sayJson(this, findings);
    if (findings.length === 0) return say(this, `${thing ?? this.service} is as it should be: nothing waits and nothing failed.`);
    const now = Date.now();
    for (const finding of findings) {
      say(this, `${finding.about}: ${finding.text} [${finding.code}${finding.atMs === undefined || Number.isNaN(finding.atMs) ? '' : `, ${renderAge(now - finding.atMs)} ago`}]`);
    }
  },
});

/** Finds what `thing` is, the most specific first, and the findings about it. Throws `not-found` with what there is. */
async function answer(connection: Connection, namespace: string, service: string, thing: string | undefined): Promise<Finding[]> {
  if (service === '' && thing === undefined) throw new DroverError('bad-request', 'say what to explain: a service, a pod, or in "drover <service> why" a plan or step');
  const name = service !== '' ? service : await serviceOf(connection, namespace, thing!);
  const evidence = await gather(connection, namespace, name);
  if (thing === undefined || (thing === name && service === '')) return explainService(evidence);
  const instance = evidence.instances.find((candidate) => candidate.metadata.name === thing || `${candidate.spec.podType}-${candidate.spec.index}` === thing);
  if (instance) return explainInstance(evidence, instance);
  const newestFirst = [...evidence.runs].sort((a, b) => b.spec.number - a.spec.number);
  const runs = newestFirst.filter((run) => run.spec.plan === thing);
  if (runs.length > 0) {
    const unfinished = runs.filter((run) => run.status?.finishedAt === undefined);
    return unfinished.length > 0 ? unfinished.flatMap(explainRun) : explainRun(runs[0]!);
  }
  for (const run of newestFirst) {
    for (const phase of run.spec.phases) {
      const step = phase.steps.find((candidate) => candidate.name === thing || candidate.id === thing);
      if (step) return explainStep(`${run.spec.plan} ${phase.name} ${step.name}`, run.status?.steps[step.id]);
    }
  }
  if (thing === name) return explainService(evidence);
  throw new DroverError(
    'not-found',
    `${name} has no pod, plan or step '${thing}'; pods: ${evidence.instances.map((i) => i.metadata.name).join(', ') || 'none'}; plans: ${[...new Set(evidence.runs.map((run) => run.spec.plan))].join(', ') || 'none'}`,
  );
}

async function serviceOf(connection: Connection, namespace: string, thing: string): Promise<string> {
  const [services, instances] = await Promise.all([connection.client.list(managedServiceRef, { namespace }), connection.client.list(podInstanceRef, { namespace })]);
  if (services.items.some((service) => service.metadata.name === thing)) return thing;
  const instance = instances.items.find((candidate) => candidate.metadata.name === thing);
  if (instance) return instance.spec.service;
  throw new DroverError(
    'not-found',
    `there is no service and no pod '${thing}' in namespace ${namespace}; services: ${names(services.items)}; for a plan or step use 'drover <service> why ${thing}'`,
  );
}

function names(services: readonly Stored<ManagedService>[]): string {
  return services.map((service) => service.metadata.name).join(', ') || 'none';
}

async function gather(connection: Connection, namespace: string, name: string): Promise<Evidence> {
  const [loaded, pods, events] = await Promise.all([
    loadService(connection, namespace, name),
    connection.client.list(podRef, { namespace, labelSelector: `drover.dev/service=${name}` }),
    connection.client.list(eventRef, { namespace }),
  ]);
  return { ...loaded, pods: pods.items, events: events.items };
}
