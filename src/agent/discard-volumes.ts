import type { Pod } from '../model/core/pod.ts';
import { ANNOTATION_DISCARD_VOLUMES } from '../model/labels.ts';
import type { Stored } from '../model/resource.ts';
import type { AgentFiles } from './agent-files.ts';
import { claimDirectory } from './volumes.ts';

/** The claims that `pod` asks to discard; none that it uses itself or that one of `others` (Pods on this machine) uses. */
export function discardedClaims(pod: Stored<Pod>, others: Iterable<Stored<Pod>>): readonly string[] {
  const named = (pod.metadata.annotations?.[ANNOTATION_DISCARD_VOLUMES] ?? '').split(',').map((claim) => claim.trim());
  const asked = new Set(named.filter(Boolean));
  if (asked.size === 0) return [];
  for (const claim of claimsOf(pod)) asked.delete(claim);
  for (const other of others) {
    if (other.metadata.namespace === pod.metadata.namespace) for (const claim of claimsOf(other)) asked.delete(claim);
  }
  return [...asked];
}

/** Removes the directories of `claims`: the only way by which the agent ever deletes data. Idempotent. Throws `invalid` for a name that is no claim's. */
export async function discardVolumes(files: AgentFiles, dir: string, namespace: string, claims: readonly string[]): Promise<void> {
  for (const claim of claims) await files.remove(claimDirectory(dir, namespace, claim));
}

function claimsOf(pod: Stored<Pod>): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []);
}
