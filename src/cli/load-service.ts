import { DroverError, hasCode } from '../base/errors.ts';
import { LABEL_PLAN, LABEL_SERVICE } from '../model/labels.ts';
import type { ManagedService } from '../model/drover/managed-service.ts';
import type { PlanRun } from '../model/drover/plan-run.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Stored } from '../model/resource.ts';
import { hint } from '../plan/did-you-mean.ts';
import type { Connection } from './connect.ts';
import { managedServiceRef, planRunRef, podInstanceRef } from './refs.ts';

/** What views of a service are drawn from. */
export interface LoadedService {
  readonly service: Stored<ManagedService>;
  readonly runs: readonly Stored<PlanRun>[];
  readonly instances: readonly Stored<PodInstance>[];
}

/** Reads a service with its runs and pod instances. Throws `not-found` naming the services there are. */
export async function loadService(connection: Connection, namespace: string, name: string): Promise<LoadedService> {
  const query = { namespace, labelSelector: `${LABEL_SERVICE}=${name}` };
  const [service, runs, instances] = await Promise.all([
    readService(connection, namespace, name),
    connection.client.list(planRunRef, query),
    connection.client.list(podInstanceRef, query),
  ]);
  return { service, runs: runs.items, instances: instances.items };
}

/** As loadService, but only what shows one plan that has run: two small requests. Reads all when it has not. */
export async function loadPlan(connection: Connection, namespace: string, name: string, plan: string): Promise<LoadedService> {
  const query = { namespace, labelSelector: `${LABEL_SERVICE}=${name},${LABEL_PLAN}=${plan}` };
  // A plan that nobody could have made is no label either: the full read names those that there are.
  if (!/^[a-z0-9][-a-z0-9]{0,62}$/.test(plan)) return loadService(connection, namespace, name);
  const [service, runs] = await Promise.all([readService(connection, namespace, name), connection.client.list(planRunRef, query)]);
  return runs.items.length === 0 ? loadService(connection, namespace, name) : { service, runs: runs.items, instances: [] };
}

async function readService(connection: Connection, namespace: string, name: string): Promise<Stored<ManagedService>> {
  try {
    return await connection.client.get(managedServiceRef, { namespace, name });
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    const others = (await connection.client.list(managedServiceRef, { namespace })).items.map((item) => item.metadata.name);
    throw new DroverError('not-found', `there is no service '${name}' in namespace ${namespace}.${hint(name, others)}`, { cause: error });
  }
}
