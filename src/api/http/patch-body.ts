import { DroverError } from '../../base/errors.ts';
import type { Kind } from '../../model/kind.ts';
import type { Patch } from '../verbs.ts';
import { parseBody, type ParsedBody } from './body.ts';

const TYPES: Readonly<Record<string, Patch['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** The media types of patches that `kind` takes: strategic merge for built-in kinds only, as in kube-apiserver. */
export function patchTypes(kind: Kind): readonly string[] {
  return Object.keys(TYPES).filter((type) => kind.origin === 'builtin' || TYPES[type] !== 'strategic');
}

/** Parses a patch by its Content-Type. Throws `unsupported-media-type` with the types that are supported, `bad-request`. */
export async function parsePatch(kind: Kind, bytes: Buffer, contentType: string | undefined): Promise<{ patch: Patch; body: ParsedBody }> {
  // A patch without a type is refused like one of a wrong type: parseBody would take it as the first of the list.
  const body = await parseBody(bytes, contentType ?? 'none', patchTypes(kind));
  const type = TYPES[(contentType ?? '').split(';')[0]!.trim().toLowerCase()];
  switch (type) {
    case 'json':
      if (!Array.isArray(body.value)) throw new DroverError('bad-request', 'a JSON patch is an array of operations');
      return { patch: { type, operations: body.value }, body };
    case 'merge':
    case 'strategic':
      return { patch: { type, body: body.value }, body };
    default:
      throw new DroverError('unsupported-media-type', `accepted media types include: ${patchTypes(kind).join(', ')}`);
  }
}
