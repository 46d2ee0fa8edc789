import { DroverError, hasCode } from '../base/errors.ts';
import { LABEL_SERVICE } from '../model/labels.ts';
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
    connection.client.get(managedServiceRef, { namespace, name }).catch(async (error: unknown) => {
      if (!hasCode(error, 'not-found')) throw error;
      const others = (await connection.client.list(managedServiceRef, { namespace })).items.map((item) => item.metadata.name);
      throw new DroverError('not-found', `there is no service '${name}' in namespace ${namespace}.${hint(name, others)}`);
    }),
    connection.client.list(planRunRef, query),
    connection.client.list(podInstanceRef, query),
  ]);
  return { service, runs: runs.items, instances: instances.items };
}
