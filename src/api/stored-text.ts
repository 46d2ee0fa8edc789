import { DroverError } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import { objectName } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';

/** The largest object: bytes of its stored JSON. */
export const OBJECT_LIMIT_BYTES = 1024 * 1024;

/** The JSON that is stored: without the resourceVersion, which is the store's own revision. Throws `too-large`. */
export function storedText(kind: Kind, object: Resource): string {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const text = JSON.stringify({ ...object, metadata });
  // A character is at most three bytes of UTF-8: most objects need no counting.
  if (text.length * 3 > OBJECT_LIMIT_BYTES) {
    const bytes = Buffer.byteLength(text);
    if (bytes > OBJECT_LIMIT_BYTES) {
      throw new DroverError(
        'too-large',
        `${objectName(kind, { name: object.metadata.name ?? '' })} is too large: ${bytes} bytes, at most ${OBJECT_LIMIT_BYTES} are allowed`,
      );
    }
  }
  return text;
}
