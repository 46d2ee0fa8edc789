import type { FieldCause } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import { dnsLabelProblem, dnsSubdomainProblem, labelValueProblem, qualifiedNameProblem } from '../model/name-rules.ts';
import type { ObjectMeta, OwnerReference } from '../model/resource.ts';

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

/** What is wrong with an object's metadata by itself (kube-apiserver's ValidateObjectMeta). */
export function metadataCauses(kind: Kind, metadata: ObjectMeta): FieldCause[] {
  const causes: FieldCause[] = [];
  const { name, generateName } = metadata;
  const add = (field: string, value: unknown, problem: string | undefined) => {
    if (problem === undefined) return;
    causes.push({ field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${problem}` });
  };
  if (generateName) add('metadata.generateName', generateName, nameProblem(kind, generateName.replace(/-$/, 'a')));
  if (!name) {
    causes.push({ field: 'metadata.name', reason: 'FieldValueRequired', message: 'Required value: name or generateName is required' });
  } else add('metadata.name', name, nameProblem(kind, name));
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    add('metadata.labels', key, qualifiedNameProblem(key));
    add('metadata.labels', value, labelValueProblem(value));
  }
  let annotationBytes = 0;
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    add('metadata.annotations', key, qualifiedNameProblem(key.toLowerCase()));
    annotationBytes += key.length + value.length;
  }
  if (annotationBytes > ANNOTATIONS_LIMIT_BYTES) {
    const message = `Too long: may not be more than ${ANNOTATIONS_LIMIT_BYTES} bytes`;
    causes.push({ field: 'metadata.annotations', reason: 'FieldValueTooLong', message });
  }
  for (const reference of metadata.ownerReferences ?? []) addOwner(reference, add);
  const controllers = (metadata.ownerReferences ?? []).filter((reference) => reference.controller === true);
  if (controllers.length > 1) {
    const names = `${controllers[0]!.name} and ${controllers[1]!.name}`;
    add(
      'metadata.ownerReferences',
      metadata.ownerReferences,
      `Only one reference can have Controller set to true. Found "true" in references for ${names}`,
    );
  }
  for (const [index, finalizer] of (metadata.finalizers ?? []).entries()) {
    const problem = qualifiedNameProblem(finalizer);
    const field = `metadata.finalizers[${index}]`;
    if (problem !== undefined) add(field, finalizer, problem);
    else if (!finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)) {
      add(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified');
    }
  }
  return causes;
}

/** What an update may not do to metadata; `next` has the fields that only the server sets filled in from `old` already. */
export function metadataUpdateCauses(next: ObjectMeta, old: ObjectMeta): FieldCause[] {
  const causes: FieldCause[] = [];
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if ((next[field] ?? undefined) === (old[field] ?? undefined)) continue;
    const message = `Invalid value: ${JSON.stringify(next[field] ?? null)}: field is immutable`;
    causes.push({ field: `metadata.${field}`, reason: 'FieldValueInvalid', message });
  }
  const added = old.deletionTimestamp ? (next.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer)) : [];
  if (added.length > 0) {
    const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
    causes.push({ field: 'metadata.finalizers', reason: 'FieldValueForbidden', message });
  }
  return causes;
}

function nameProblem(kind: Kind, name: string): string | undefined {
  if (kind.group !== '' || kind.kind !== 'Namespace') return dnsSubdomainProblem(name);
  return name.includes('.') ? 'must not contain dots' : dnsLabelProblem(name);
}

function addOwner(reference: OwnerReference, add: (field: string, value: unknown, problem: string | undefined) => void): void {
  if (reference.apiVersion === '') add('metadata.ownerReferences.apiVersion', '', 'version must not be empty');
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (reference[field] === '') add(`metadata.ownerReferences.${field}`, '', 'must not be empty');
  }
}
