import { DroverError, hasCode } from '../base/errors.ts';
import { hint } from '../plan/did-you-mean.ts';
import type { KindRef } from '../model/kind.ts';
import type { Connection } from './connect.ts';

/** Runs a read of one object by name; a `not-found` then says which names there are, or which was meant. */
export async function orHint<T>(
  connection: Connection,
  kind: KindRef,
  key: { namespace?: string; name: string },
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
    const scope = kind.namespaced && key.namespace !== undefined ? { namespace: key.namespace } : {};
    const names = (await connection.client.list(kind, scope)).items.map((item) => item.metadata.name);
    throw new DroverError('not-found', `${error.message}.${hint(key.name, names)}`, { cause: error });
  }
}
