import type { ManagedService } from '../../model/drover/managed-service.ts';
import type { ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { ServiceView } from '../../operators/operator.ts';
import type { ControllerContext } from '../controller.ts';
import { hasCode } from '../../base/errors.ts';
import { podKind } from '../../model/core/pod.ts';
import { podInstanceKind } from '../../model/drover/pod-instance.ts';
import { serviceRevisionKind } from '../../model/drover/service-revision.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { addressOf } from '../address.ts';

/** What an operator sees of `resource` and its service (absent before there is one), from the caches. */
export async function serviceView<T extends Resource>(
  resource: Stored<T>,
  service: Stored<ManagedService> | undefined,
  context: ControllerContext,
): Promise<ServiceView<T>> {
  const { name, namespace = '' } = resource.metadata;
  const { caches } = context;
  const instances = caches.of(podInstanceKind).byLabel(namespace, LABEL_SERVICE, name);
  const pods = caches.of(podKind).byLabel(namespace, LABEL_SERVICE, name);
  return {
    resource,
    instances: instances.toSorted((a, b) => a.spec.podType.localeCompare(b.spec.podType) || a.spec.index - b.spec.index),
    pods: new Map(pods.map((pod) => [pod.metadata.name, pod])),
    accepted: await acceptedSpec(service, context),
    addressOf: (instance) => addressOf(caches, instance),
    nowMs: context.clock.now(),
  };
}

/** The spec that plans work towards. One that the cache lacks is asked of the server: an operator compares with it what may not be changed. */
async function acceptedSpec(
  service: Stored<ManagedService> | undefined,
  { caches, client }: ControllerContext,
): Promise<ManagedServiceSpec | undefined> {
  const name = service?.status?.targetRevision;
  if (!service || !name) return undefined;
  const key = { namespace: service.metadata.namespace!, name };
  try {
    return (caches.of(serviceRevisionKind).get(key) ?? (await client.get(serviceRevisionKind, key))).spec.template;
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}
