import { DroverError, hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import { badRequest } from './faults.ts';
import { checkKindOfBody, checkNameOfBody, checkNamespaceOfBody } from './identity-rules.ts';
import { jsonPatch } from './patch/json-patch.ts';
import { mergePatch } from './patch/merge-patch.ts';
import { strategicPatch } from './patch/strategic-patch.ts';
import { changeObject, ownPart } from './update.ts';
import type { Patch, WriteRequest } from './verbs.ts';
import type { WriteContext } from './write-context.ts';

/**
 * The patch verb: applied to the newest state, again after conflicts unless the patch sets a resourceVersion. Throws as update, and
 * `unsupported-media-type` for a strategic merge patch of a kind that is not built in.
 */
export function patchObject(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  patch: Patch,
  request: WriteRequest,
): Promise<Stored<Resource>> {
  if (patch.type === 'strategic' && kind.origin === 'crd') {
    throw new DroverError(
      'unsupported-media-type',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
    );
  }
  if (patch.type !== 'json' && (typeof patch.body !== 'object' || patch.body === null || Array.isArray(patch.body))) {
    const what = Array.isArray(patch.body) ? 'array' : patch.body === null ? 'null' : typeof patch.body;
    throw badRequest(`error decoding patch: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`);
  }
  return changeObject(context, kind, key, request, (old) => {
    const { resourceVersion: newest, ...metadata } = old.metadata;
    const before = { ...old, metadata: patch.type === 'json' ? { ...metadata, resourceVersion: newest } : metadata };
    const after = apply(before, patch) as Resource;
    checkKindOfBody(context.scheme, kind, after);
    checkNameOfBody(after, key);
    checkNamespaceOfBody(after, key.namespace);
    // A patch that leaves the version alone asks for none: it is applied to whatever is newest.
    if (patch.type === 'json' && after.metadata.resourceVersion === newest) {
      const { resourceVersion: _, ...unpinned } = after.metadata;
      return { body: ownPart(kind, { ...after, metadata: unpinned }, old, request), replaces: false };
    }
    return { body: ownPart(kind, after, old, request), replaces: false };
  }).catch((error: unknown) => {
    if (!hasCode(error, 'bad-request') || !error.message.includes('cannot be handled as a')) throw error;
    throw new DroverError('invalid', `the patched object is invalid: ${error.message}`, {
      causes: [{ field: 'patch', reason: 'FieldValueInvalid', message: error.message }],
      cause: error,
    });
  });
}

function apply(before: Resource, patch: Patch): unknown {
  switch (patch.type) {
    case 'json':
      return jsonPatch(before, patch.operations);
    case 'merge':
      return mergePatch(before, patch.body);
    case 'strategic':
      return strategicPatch(before, patch.body);
  }
}
