import type { ManagedServiceSpec } from '../../model/drover/managed-service.ts';
import type { KafkaAdmin } from './admin/kafka-admin.ts';

const KEY = 'min.insync.replicas';

/**
 * With the feature eligible.leader.replicas Kafka takes min.insync.replicas out of server.properties when it formats the cluster, keeps it as cluster-wide
 * config and never reads the file's value again. This brings a changed one to where it counts. No-op when there is nothing to change.
 */
export async function bringLeastIsr(admin: KafkaAdmin, accepted: ManagedServiceSpec | undefined): Promise<void> {
  const wanted = acceptedProperty(accepted, KEY);
  if (wanted === undefined) return;
  if (((await admin.features()).get('eligible.leader.replicas.version') ?? 0) < 1) return;
  if ((await admin.clusterConfig()).get(KEY) === wanted) return;
  await admin.alterClusterConfig({ [KEY]: wanted });
}

/** The value of a key in the server.properties of an accepted spec. */
export function acceptedProperty(accepted: ManagedServiceSpec | undefined, key: string): string | undefined {
  const templates = accepted?.pods.flatMap((pod) => pod.tasks.flatMap((task) => task.configs ?? [])) ?? [];
  const properties = templates.find((config) => config.path.endsWith('server.properties'))?.template ?? '';
  const line = properties.split('\n').find((candidate) => candidate.startsWith(`${key}=`));
  return line?.slice(key.length + 1);
}
