import { hasCode } from '../base/errors.ts';
import type { KindRef } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import type { Connection } from './connect.ts';

/** Watches one object until `done` holds for it; undefined when `timeoutMs` passes first. A deleted object throws `not-found`. */
export async function waitFor<T extends Resource>(
  connection: Connection,
  kind: KindRef<T>,
  key: ObjectKey,
  done: (object: Stored<T>) => boolean,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Stored<T> | undefined> {
  const timeout = AbortSignal.timeout(Math.min(options.timeoutMs, 0x7fffffff));
  const signal = AbortSignal.any([options.signal, timeout]);
  for (;;) {
    const first = await connection.client.get(kind, key);
    if (done(first)) return first;
    if (signal.aborted) return undefined;
    try {
      const query = {
        resourceVersion: first.metadata.resourceVersion,
        fieldSelector: `metadata.name=${key.name}`,
        signal,
        ...(key.namespace !== undefined && { namespace: key.namespace }),
      };
      for await (const event of connection.client.watch(kind, query)) {
        if (event.type === 'BOOKMARK') continue;
        if (event.type === 'DELETED') break;
        if (done(event.object)) return event.object;
      }
    } catch (error) {
      if (signal.aborted) break;
      if (!hasCode(error, 'compacted', 'unavailable')) throw error;
    }
    if (signal.aborted) break;
  }
  options.signal.throwIfAborted();
  return undefined;
}
