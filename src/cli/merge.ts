import type { Resource } from '../model/resource.ts';

/** Where kubectl keeps the manifest applied last, so that its apply and ours can be mixed. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

type Json = Record<string, unknown>;

/** A manifest with itself in the last-applied annotation, as a create writes it. */
export function withLastApplied<T extends Resource>(manifest: T): T {
  const { [LAST_APPLIED]: _, ...annotations } = manifest.metadata.annotations ?? {};
  const clean = { ...manifest, metadata: { ...manifest.metadata, annotations } };
  const text = `${JSON.stringify(clean)}\n`;
  return { ...manifest, metadata: { ...manifest.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}

/**
 * The JSON merge patch (RFC 7386) that brings `live` to `manifest`: what the manifest says, and null for what the manifest applied last said and
 * this one does not. Fields that others set stay. Lists are replaced whole. Undefined when there is nothing to change.
 */
export function applyPatch(live: Resource, manifest: Resource): object | undefined {
  const before = live.metadata.annotations?.[LAST_APPLIED];
  const last = before === undefined ? {} : (parse(before) ?? {});
  const wanted = withLastApplied(manifest);
  const { status: _, ...rest } = wanted as Resource & { status?: unknown };
  const patch = difference(last, live as unknown as Json, rest as unknown as Json);
  const real = difference(last, live as unknown as Json, manifest as unknown as Json);
  return real === undefined && before !== undefined ? undefined : patch;
}

function difference(last: Json, live: Json, wanted: Json): Json | undefined {
  const patch: Json = {};
  for (const [key, value] of Object.entries(wanted)) {
    const current = live[key];
    if (isObject(value) && isObject(current)) {
      const inner = difference(isObject(last[key]) ? last[key] : {}, current, value);
      if (inner !== undefined) patch[key] = inner;
    } else if (!same(value, current)) patch[key] = value;
  }
  for (const key of Object.keys(last)) if (!(key in wanted) && key in live) patch[key] = null;
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equal as JSON; an object of `wanted` inside a list may leave out what the server defaulted. */
function same(wanted: unknown, live: unknown): boolean {
  if (Array.isArray(wanted)) return Array.isArray(live) && wanted.length === live.length && wanted.every((item, i) => same(item, live[i]));
  if (isObject(wanted)) return isObject(live) && Object.entries(wanted).every(([key, value]) => same(value, live[key]));
  return wanted === live;
}
