import { canonicalJson, contentHash } from '../base/ids.ts';
import type { ManagedService, PodType } from '../model/drover/managed-service.ts';
import type { PodInstance } from '../model/drover/pod-instance.ts';
import type { ServiceRevision } from '../model/drover/service-revision.ts';
import { LABEL_SERVICE } from '../model/labels.ts';
import type { Reason } from '../model/reason.ts';
import type { Stored } from '../model/resource.ts';
import { revisionName } from './names.ts';
import { checkSpec } from './spec-check.ts';

/** The verdict on a spec: the target it becomes (an existing revision with equal content, or one to create), or every reason against it. */
export type Acceptance =
  | { readonly accepted: true; readonly revision: ServiceRevision; readonly isNew: boolean }
  | { readonly accepted: false; readonly reasons: readonly Reason[] };

/**
 * Judges the present spec of a service against the target, the instances there are and the names others hold. `ownerOf` tells which service an
 * existing PodInstance name belongs to. Equal to the target's: the target stays. Repeatable after a crash between revision and status.
 */
export function accept(
  service: Stored<ManagedService>,
  revisions: readonly ServiceRevision[],
  instances: readonly PodInstance[],
  ownerOf: (instanceName: string) => string | undefined,
): Acceptance {
  const target = revisions.find((revision) => revision.metadata.name === service.status?.targetRevision);
  const reasons = checkSpec(service, target, instances, ownerOf);
  if (reasons.length > 0) return { accepted: false, reasons };
  const hash = contentHash(service.spec);
  if (target?.spec.hash === hash) return { accepted: true, revision: target, isNew: false };
  const newest = revisions.reduce<ServiceRevision | undefined>((a, b) => (a && a.spec.number > b.spec.number ? a : b), undefined);
  const orphan = newest !== undefined && newest.spec.number > (target?.spec.number ?? 0) && newest.spec.hash === hash;
  if (orphan) return { accepted: true, revision: newest, isNew: false };
  return { accepted: true, revision: newRevision(service, (newest?.spec.number ?? 0) + 1, hash), isNew: true };
}

function newRevision(service: Stored<ManagedService>, number: number, hash: string): ServiceRevision {
  const { name, namespace = '', generation = 1 } = service.metadata;
  return {
    apiVersion: 'drover.dev/v1alpha1',
    kind: 'ServiceRevision',
    metadata: {
      name: revisionName(name, number),
      namespace,
      labels: { [LABEL_SERVICE]: name },
      ownerReferences: [ownerReference(service)],
    },
    spec: {
      service: name,
      number,
      hash,
      podHashes: Object.fromEntries(service.spec.pods.map((pod) => [pod.name, podHash(pod)])),
      template: service.spec,
      serviceGeneration: generation,
    },
  };
}

/** The owner reference of everything a service has. */
export function ownerReference(service: Stored<ManagedService>): NonNullable<ServiceRevision['metadata']['ownerReferences']>[number] {
  const { name, uid } = service.metadata;
  return { apiVersion: service.apiVersion, kind: service.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** All that a running pod of the type depends on, so not its count; and not what changes nothing for a running process (the grace to stop it). */
function podTemplate(pod: PodType): object {
  const { count: _count, terminationGracePeriodSeconds: _grace, ...rest } = pod;
  return rest;
}

/** Hash of a pod type's template: instances whose hash differs are touched by a deploy. */
export function podHash(pod: PodType): string {
  return contentHash(podTemplate(pod));
}

/** The fields of a pod type that differ, as JSON paths under `spec.pods[name]`, at most `limit` (default 5): why its pods restart. */
export function changedFields(before: PodType | undefined, after: PodType, limit = 5): string[] {
  if (!before) return [`spec.pods[${after.name}]`];
  const fields: string[] = [];
  collect(podTemplate(before), podTemplate(after), `spec.pods[${after.name}]`, fields);
  return fields.slice(0, limit);
}

function collect(before: unknown, after: unknown, path: string, fields: string[]): void {
  if (canonicalJson(before) === canonicalJson(after)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++)
      collect(before[i], after[i], `${path}[${nameOf(after[i] ?? before[i], i)}]`, fields);
    return;
  }
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) collect(before[key], after[key], `${path}.${key}`, fields);
    return;
  }
  fields.push(path);
}

function nameOf(item: unknown, index: number): string {
  return isRecord(item) && typeof item['name'] === 'string' ? item['name'] : String(index);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
