import type { PodRecord } from './pod-record.ts';

/** How many gone Pods keep the last logs of their containers. */
export const MAX_GONE_PODS = 100;

/**
 * The uids of gone Pods whose logs nobody can ask for any more: a Pod of the same name went later, or the present one has restarted each of their
 * containers and so has previous logs of its own; beyond {@link MAX_GONE_PODS} those that went first. Pure.
 */
export function superfluousPods(
  gone: readonly PodRecord[],
  present: (namespace: string, name: string) => PodRecord | undefined,
): readonly string[] {
  const newest = new Map<string, PodRecord>();
  const superfluous: string[] = [];
  const byAge = gone.toSorted((a, b) => (b.goneAtMs ?? 0) - (a.goneAtMs ?? 0));
  for (const record of byAge) {
    const key = `${record.namespace}/${record.name}`;
    if (newest.has(key) || newest.size >= MAX_GONE_PODS || replaced(record, present(record.namespace, record.name)))
      superfluous.push(record.uid);
    else newest.set(key, record);
  }
  return superfluous;
}

function replaced(gone: PodRecord, present: PodRecord | undefined): boolean {
  return present !== undefined && Object.keys(gone.containers).every((container) => (present.containers[container]?.attempt ?? 0) >= 1);
}
