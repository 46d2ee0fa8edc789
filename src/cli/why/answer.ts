import { DroverError, hasCode } from '../../base/errors.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import { hint } from '../../plan/did-you-mean.ts';
import { planNames } from '../../plan/plan-list.ts';
import type { Connection } from '../connect.ts';
import { discover } from '../discover.ts';
import { loadService } from '../load-service.ts';
import { eventRef, managedServiceRef, operationRef, podInstanceRef, podRef } from '../refs.ts';
import type { Evidence } from './evidence.ts';
import { inOrder, type Answer } from './finding.ts';
import { explainOperation } from './operation.ts';
import { explainPod } from './pod.ts';
import { explainPlan, explainService, explainStepNamed } from './service.ts';
import { explainVerdict, isRefused } from './verdict.ts';

/**
 * Finds what `thing` is and answers why it is as it is. With a service (`drover kafka why …`) a plan or a step may be meant, without one a service, a
 * pod, an operation or a resource that never became a service. `KIND/NAME` means NAME. Throws `not-found` with what there is.
 */
export async function findAnswer(
  connection: Connection,
  namespace: string,
  service: string,
  thing: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const word = thing?.slice(thing.lastIndexOf('/') + 1);
  if (service !== '') return ofService(connection, namespace, service, word, signal);
  return anything(connection, namespace, word ?? '', signal);
}

async function ofService(
  connection: Connection,
  namespace: string,
  service: string,
  word: string | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  let evidence: Evidence;
  try {
    evidence = await gather(connection, namespace, service, signal);
  } catch (error) {
    const refused =
      word === undefined && hasCode(error, 'not-found') ? await refusedResource(connection, namespace, service, signal) : undefined;
    if (refused) return refused;
    throw error;
  }
  if (word === undefined) return explainService(evidence);
  const instance = evidence.instances.find(
    (candidate) => candidate.metadata.name === word || `${candidate.spec.podType}-${candidate.spec.index}` === word,
  );
  if (instance) return explainPod(evidence, instance);
  const plans = planNames(evidence.service, evidence.runs);
  if (plans.includes(word)) return explainPlan(evidence, word);
  const step = explainStepNamed(evidence, word);
  if (step) return step;
  if (word === service) return explainService(evidence);
  const operation = evidence.operations.find((candidate) => candidate.metadata.name === word);
  if (operation) return explainOperation(operation);
  const pods = evidence.instances.map((candidate) => candidate.metadata.name ?? '');
  throw new DroverError('not-found', `${service} has no pod, plan, step or operation '${word}'.${hint(word, [...plans, ...pods])}`);
}

async function anything(connection: Connection, namespace: string, word: string, signal: AbortSignal): Promise<Answer> {
  const [services, instances] = await Promise.all([
    connection.client.list(managedServiceRef, { namespace }),
    connection.client.list(podInstanceRef, { namespace }),
  ]);
  if (services.items.some((service) => service.metadata.name === word))
    return explainService(await gather(connection, namespace, word, signal));
  const instance = instances.items.find((candidate) => candidate.metadata.name === word);
  if (instance) return explainPod(await gather(connection, namespace, instance.spec.service, signal), instance);
  const operation = await connection.client.get(operationRef, { namespace, name: word }).catch(ifMissing);
  if (operation) return explainOperation(operation);
  const refused = await refusedResource(connection, namespace, word, signal);
  if (refused) return refused;
  const known = [...services.items, ...instances.items].map((item) => item.metadata.name);
  throw new DroverError(
    'not-found',
    `there is no service, pod or operation '${word}' in namespace ${namespace}.${hint(word, known)} For a plan or step: 'drover <service> why ${word}'`,
  );
}

/** A resource of a domain kind that no service was made from, because it was refused or is new. */
async function refusedResource(connection: Connection, namespace: string, name: string, signal: AbortSignal): Promise<Answer | undefined> {
  const kinds = (await discover(connection, signal)).filter(
    (kind) => kind.categories.includes('data-services') && kind.plural !== managedServiceRef.plural,
  );
  const found = await Promise.all(
    kinds.map(async (kind): Promise<Resource | undefined> => connection.client.get(kind, { namespace, name }).catch(ifMissing)),
  );
  const resource = found.find((candidate) => candidate !== undefined);
  if (resource === undefined) return undefined;
  const findings = inOrder(explainVerdict(resource));
  const refused = isRefused(resource);
  const summary = refused
    ? `${resource.kind} ${name} is refused, nothing was started.`
    : `${resource.kind} ${name} has no verdict yet: its operator has not looked at it.`;
  return { thing: name, kind: 'resource', well: false, summary, findings };
}

async function gather(connection: Connection, namespace: string, name: string, signal: AbortSignal): Promise<Evidence> {
  const ofThis = { namespace, labelSelector: `${LABEL_SERVICE}=${name}` };
  const [loaded, pods, events, operations] = await Promise.all([
    loadService(connection, namespace, name),
    connection.client.list(podRef, ofThis),
    connection.client.list(eventRef, { namespace }),
    connection.client.list(operationRef, ofThis),
  ]);
  const owner = await ownerOf(connection, loaded.service, signal);
  return { ...loaded, ...(owner && { owner }), pods: pods.items, events: events.items, operations: operations.items };
}

async function ownerOf(connection: Connection, service: Evidence['service'], signal: AbortSignal): Promise<Resource | undefined> {
  const reference = service.metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (reference === undefined) return undefined;
  const kind = (await discover(connection, signal)).find(
    (candidate) => candidate.kind === reference.kind && reference.apiVersion.startsWith(candidate.group),
  );
  return kind && connection.client.get(kind, { namespace: service.metadata.namespace ?? 'default', name: reference.name }).catch(ifMissing);
}

function ifMissing(error: unknown): undefined {
  if (!hasCode(error, 'not-found')) throw error;
  return undefined;
}
