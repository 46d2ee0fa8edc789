import type { ManagedService, ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import type { Kind } from '../../model/kind.ts';
import type { OwnerReference, Resource, Stored } from '../../model/resource.ts';
import type { ControllerContext } from '../controller.ts';
import { hasCode } from '../../base/errors.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { apiVersionOf } from '../../model/kind.ts';
import { reason } from '../../model/reason.ts';
import { keyOf } from '../../model/resource.ts';

/** `foreign`: a service of that name belongs to someone else. `ending`: the old one has to go first. */
export type Applied =
  | { readonly type: 'applied'; readonly service: Stored<ManagedService> }
  | { readonly type: 'foreign' }
  | { readonly type: 'ending' };

/** Creates the service of a domain resource, or gives it the spec that was compiled; writes nothing when it has it. */
export async function applyService(
  kind: Kind,
  resource: Stored<Resource>,
  spec: ManagedServiceSpec,
  context: ControllerContext,
): Promise<Applied> {
  const { client, events, log } = context;
  const key = keyOf(resource);
  const there = await readService(resource, context);
  if (!there) {
    const service = await client.create(managedServiceKind, {
      apiVersion: 'drover.dev/v1alpha1',
      kind: 'ManagedService',
      metadata: { ...key, ownerReferences: [ownerReference(kind, resource)] },
      spec,
    });
    log.info({ service: key.name, namespace: key.namespace }, 'service created');
    events.event(resource, 'Normal', reason('ServiceCreated', `Created service ${key.name}.`));
    return { type: 'applied', service };
  }
  if (!isOwned(there, resource)) return { type: 'foreign' };
  if (there.metadata.deletionTimestamp) return { type: 'ending' };
  const service = await client.update(managedServiceKind, { ...there, spec });
  if (service.metadata.generation !== there.metadata.generation) {
    log.info({ service: key.name, namespace: key.namespace, generation: service.metadata.generation }, 'service changed');
    events.event(resource, 'Normal', reason('ServiceUpdated', `Changed service ${key.name}.`));
  }
  return { type: 'applied', service };
}

/** The service of a domain resource as the server has it now. */
export async function readService(resource: Stored<Resource>, { client }: ControllerContext): Promise<Stored<ManagedService> | undefined> {
  try {
    return await client.get(managedServiceKind, keyOf(resource));
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

/** True when the service belongs to `resource`. */
export function isOwned(service: Stored<ManagedService>, resource: Stored<Resource>): boolean {
  return service.metadata.ownerReferences?.some((owner) => owner.uid === resource.metadata.uid) ?? false;
}

function ownerReference(kind: Kind, resource: Stored<Resource>): OwnerReference {
  const { name, uid } = resource.metadata;
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, name, uid, controller: true, blockOwnerDeletion: true };
}
