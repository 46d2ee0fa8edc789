import type { PodInstance } from '../../model/drover/pod-instance.ts';
import type { Stored } from '../../model/resource.ts';

/** How long a stop that was allowed counts although nothing of it is seen yet, ms. */
const GRANT_MS = 60_000;

/**
 * Stops that were allowed a moment ago: until its pod is seen to end, such a broker counts as down for the others, so that steps that run side by side
 * are not allowed two stops on one and the same state of the cluster.
 */
export function createStopGrants(): {
  grant(service: string, instance: Stored<PodInstance>, nowMs: number): void;
  /** The broker is back: what it was granted is over. */
  release(service: string, instance: Stored<PodInstance>): void;
  /** Indexes of instances of `service` that were granted a stop of the incarnation that they still have. */
  pending(service: string, instances: readonly Stored<PodInstance>[], nowMs: number): readonly number[];
} {
  const grants = new Map<string, Map<string, { incarnation: number; untilMs: number }>>();
  return {
    grant(service, instance, nowMs) {
      let ofService = grants.get(service);
      if (!ofService) grants.set(service, (ofService = new Map()));
      ofService.set(instance.metadata.uid, { incarnation: instance.spec.incarnation, untilMs: nowMs + GRANT_MS });
    },
    release(service, instance) {
      grants.get(service)?.delete(instance.metadata.uid);
    },
    pending(service, instances, nowMs) {
      const ofService = grants.get(service);
      if (!ofService) return [];
      for (const [uid, { untilMs }] of ofService) if (untilMs <= nowMs) ofService.delete(uid);
      if (ofService.size === 0) grants.delete(service);
      return instances
        .filter((instance) => ofService.get(instance.metadata.uid)?.incarnation === instance.spec.incarnation)
        .map((instance) => instance.spec.index);
    },
  };
}
