import type { ResourceClient } from '../../client/client.ts';
import { podInstanceKind, type PodInstance } from '../../model/drover/pod-instance.ts';
import type { Stored } from '../../model/resource.ts';
import { clientListener } from './compile.ts';
import { kafkaKind, type Kafka } from './kind.ts';

/**
 * Who else has ports on this machine: instances of other services, and other Kafkas that were made before this one and want fixed ports (of two new
 * ones the older wins, whichever is looked at first). Keys are port numbers.
 */
export async function portOwners(client: ResourceClient, kafka: Stored<Kafka>): Promise<Record<string, string>> {
  const owners: Record<string, string> = {};
  const mine = (object: PodInstance) =>
    object.metadata.namespace === kafka.metadata.namespace && object.spec.service === kafka.metadata.name;
  const { items: kafkas } = await client.list(kafkaKind);
  for (const other of kafkas) {
    if (other.metadata.uid === kafka.metadata.uid || !isOlder(other, kafka)) continue;
    const { port } = clientListener(other);
    if (port === 0) continue;
    for (let index = 0; index < other.spec.kafka.replicas; index++)
      owners[port + index] = `Kafka ${other.metadata.namespace}/${other.metadata.name}`;
  }
  const { items: instances } = await client.list(podInstanceKind);
  for (const instance of instances) {
    if (mine(instance)) continue;
    for (const port of Object.values(instance.spec.ports)) owners[port] = `pod ${instance.metadata.namespace}/${instance.metadata.name}`;
  }
  return owners;
}

function isOlder(left: Stored<Kafka>, right: Stored<Kafka>): boolean {
  const [a, b] = [left.metadata, right.metadata];
  return a.creationTimestamp === b.creationTimestamp ? a.uid < b.uid : a.creationTimestamp < b.creationTimestamp;
}
