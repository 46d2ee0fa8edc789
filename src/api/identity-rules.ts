import { apiVersionOf, type Kind } from '../model/kind.ts';
import type { ObjectKey } from '../model/resource.ts';
import type { Scheme } from '../model/scheme.ts';
import { badRequest } from './faults.ts';

/** A body must be of the kind that the URL names; apiVersion and kind may be left out. Throws `bad-request`. */
export function checkKindOfBody(scheme: Scheme, kind: Kind, body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  const { apiVersion = apiVersionOf(kind), kind: name = kind.kind } = body as { apiVersion?: unknown; kind?: unknown };
  if (apiVersion === apiVersionOf(kind) && name === kind.kind) return;
  const version = String(apiVersion).split('/').at(-1);
  const why = scheme.byKind(String(apiVersion), String(name))
    ? `converting (${version}.${name}) to (${kind.group === '' ? 'core' : kind.group}.${kind.kind}): unknown conversion`
    : `no kind "${name}" is registered for version "${apiVersion}" in scheme "drover"; this address takes ${apiVersionOf(kind)} ${kind.kind}`;
  throw badRequest(`${name} in version "${version}" cannot be handled as a ${kind.kind}: ${why}`);
}

/** The body's namespace, if it has one, must be the request's. Throws `bad-request`. */
export function checkNamespaceOfBody(body: unknown, namespace: string | undefined): void {
  const given = metadataOf(body)['namespace'];
  if (given === undefined || given === null || given === '' || given === namespace) return;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** The body of an update must bear the name of the URL. Throws `bad-request`. */
export function checkNameOfBody(body: unknown, key: ObjectKey): void {
  const given = metadataOf(body)['name'];
  if (given === undefined || given === null || given === '') {
    throw badRequest(`the name of the object (${key.name} based on URL) was undeterminable: name must be provided`);
  }
  if (given !== key.name) throw badRequest(`the name of the object (${String(given)}) does not match the name on the URL (${key.name})`);
}

function metadataOf(body: unknown): Record<string, unknown> {
  const metadata = (body as { metadata?: unknown } | null | undefined)?.metadata;
  return typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : {};
}
