import { DroverError, type FieldCause } from '../base/errors.ts';
import { resourceName, type KindRef } from '../model/kind.ts';
import type { ObjectKey } from '../model/resource.ts';

/** The faults of the API machinery in kube-apiserver's words; one function a fault, so that each text stands once. */

/** `pods "x" not found`. */
export function notFound(kind: KindRef, key: ObjectKey): DroverError {
  return new DroverError('not-found', `${resourceName(kind)} "${key.name}" not found`, { about: aboutResource(kind, key.name) });
}

/** `pods "x" already exists`. */
export function alreadyExists(kind: KindRef, name: string): DroverError {
  return new DroverError('already-exists', `${resourceName(kind)} "${name}" already exists`, { about: aboutResource(kind, name) });
}

/** Somebody else wrote first. */
export function modified(kind: KindRef, name: string): DroverError {
  return conflict(kind, name, 'the object has been modified; please apply your changes to the latest version and try again');
}

/** `Operation cannot be fulfilled on pods "x": <why>`. */
export function conflict(kind: KindRef, name: string, why: string): DroverError {
  return new DroverError('conflict', `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`, {
    about: aboutResource(kind, name),
  });
}

/** A precondition of a delete does not hold; Kubernetes names the kind here, not the resource. */
export function preconditionFailed(kind: KindRef, name: string, why: string): DroverError {
  return new DroverError('conflict', `Operation cannot be fulfilled on ${qualifiedKind(kind)} "${name}": ${why}`, {
    about: { name, kind: kind.kind, ...(kind.group !== '' && { group: kind.group }) },
  });
}

/** `pods "x" is forbidden: <why>`. */
export function forbidden(kind: KindRef, name: string, why: string, causes: readonly FieldCause[] = []): DroverError {
  return new DroverError('forbidden', `${resourceName(kind)} "${name}" is forbidden: ${why}`, { about: aboutResource(kind, name), causes });
}

/** 400 with a sentence. */
export function badRequest(message: string): DroverError {
  return new DroverError('bad-request', message);
}

/** The object is wrong: all causes in one fault, `Pod "x" is invalid: [a: …, b: …]`. */
export function invalid(kind: KindRef, name: string, causes: readonly FieldCause[]): DroverError {
  return new DroverError('invalid', `${qualifiedKind(kind)} "${name}" is invalid: ${causesText(causes)}`, {
    about: { name, kind: kind.kind, ...(kind.group !== '' && { group: kind.group }) },
    causes,
  });
}

/** Options of a request are wrong: `ListOptions.meta.k8s.io "" is invalid: …`. */
export function invalidOptions(options: 'ListOptions' | 'DeleteOptions', causes: readonly FieldCause[]): DroverError {
  return new DroverError('invalid', `${options}.meta.k8s.io "" is invalid: ${causesText(causes)}`, {
    about: { group: 'meta.k8s.io', kind: options },
    causes,
  });
}

/** A resourceVersion from the future: of another server, or of this one before its data was lost. */
export function tooLargeResourceVersion(wanted: number, current: number): DroverError {
  return new DroverError('timeout', `Timeout: Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ field: '', reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** The log no longer reaches back to `wanted`. */
export function tooOldResourceVersion(wanted: number, oldest: number): DroverError {
  return new DroverError('compacted', `too old resource version: ${wanted} (${oldest})`);
}

/** `field: message` of each cause, equal ones once; in brackets when there are several. */
function causesText(causes: readonly FieldCause[]): string {
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

function aboutResource(kind: KindRef, name: string) {
  return { name, kind: kind.plural, ...(kind.group !== '' && { group: kind.group }) };
}

function qualifiedKind(kind: KindRef): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}
