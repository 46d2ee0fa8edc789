import { hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import { keyOf } from '../model/resource.ts';
import type { DeleteRequest, ListAnswer, ListRequest, Verbs } from './verbs.ts';

/** Deletes at the same time. */
const AT_A_TIME = 16;

/** The deletecollection verb: deletes what the list selects; what goes meanwhile is no fault. */
export async function removeCollection(
  verbs: Pick<Verbs, 'list' | 'delete'>,
  kind: Kind,
  list: ListRequest,
  request: DeleteRequest,
): Promise<ListAnswer> {
  const selected = await verbs.list(kind, list);
  for (let i = 0; i < selected.items.length; i += AT_A_TIME) {
    await Promise.all(
      selected.items.slice(i, i + AT_A_TIME).map(async (object) => {
        try {
          await verbs.delete(kind, keyOf(object), request);
        } catch (error) {
          if (!hasCode(error, 'not-found')) throw error;
        }
      }),
    );
  }
  return selected;
}
