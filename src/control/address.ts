import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { Caches } from './controller.ts';
import { nodeKind } from '../model/core/node.ts';

/** The address of a pod instance for clients and peers: that of its machine; 127.0.0.1 while it has none, or when the machine tells none. */
export function addressOf(caches: Caches, instance: PodInstance): string {
  const { node } = instance.spec;
  const addresses = node === undefined ? undefined : caches.of(nodeKind).get({ name: node })?.status?.addresses;
  return addresses?.find((each) => each.type === 'InternalIP')?.address ?? '127.0.0.1';
}
