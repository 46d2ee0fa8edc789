import type { Kind } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import { storageKey } from './storage-key.ts';

/** Label and field selector of one request, compiled once. */
export interface Selection {
  matches(object: Resource): boolean;
  /** True without selectors. */
  readonly everything: boolean;
  /** The only storage key that can match, when the request names namespace and name. */
  readonly key: string | undefined;
}

/** Throws `bad-request` for selectors that cannot be understood. */
export function compileSelection(
  kind: Kind,
  request: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string },
): Selection {
  const labels = parseLabelSelector(request.labelSelector);
  const fields = parseFieldSelector(kind, request.fieldSelector);
  const { namespace } = request;
  const located = fields?.name !== undefined && (namespace !== undefined || !kind.namespaced);
  return {
    everything: !labels && !fields,
    key: located ? storageKey(kind, namespace === undefined ? { name: fields.name! } : { namespace, name: fields.name! }) : undefined,
    matches: (object) => (!labels || labels(object.metadata.labels)) && (!fields || fields.matches(object)),
  };
}
