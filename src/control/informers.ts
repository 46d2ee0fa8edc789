import type { Clock } from '../base/clock.ts';
import type { ResourceClient } from '../client/client.ts';
import type { ObjectChange } from '../client/informer.ts';
import type { KindRef } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import type { Log } from '../observe/log.ts';
import type { Caches, Controller } from './controller.ts';
import { Informer } from '../client/informer.ts';
import { apiVersionOf } from '../model/kind.ts';

/** One informer a kind that any of the controllers watches, shared by all of them. */
export interface Informers extends Caches {
  readonly all: readonly Informer[];
  /** Resolves when every first list is in its cache. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an informer for each watched kind; `onChange` hears every change with the kind it is of ({@link kindId}). */
export function startInformers(options: {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly controllers: readonly Controller[];
  readonly onChange: (kind: string, change: ObjectChange<Resource>) => void;
}): Informers {
  const { client, clock, log } = options;
  const byKind = new Map<string, Informer>();
  for (const { kind } of options.controllers.flatMap((controller) => controller.watches)) {
    const id = kindId(kind);
    if (byKind.has(id)) continue;
    const onFault = (error: unknown) => log.warn({ kind: kind.kind, error }, 'watch broken, going on from where it was');
    byKind.set(id, new Informer({ client, kind, clock, onChange: (change) => options.onChange(id, change), onFault }));
  }
  const all = [...byKind.values()];
  return {
    all,
    of<T extends Resource>(kind: KindRef<T>) {
      const informer = byKind.get(kindId(kind));
      if (!informer) throw new Error(`no controller watches ${kind.kind}: name it in watches, with keys that wake nothing if need be`);
      return (informer as unknown as Informer<T>).cache;
    },
    async synced() {
      await Promise.all(all.map((informer) => informer.synced));
    },
    async close() {
      await Promise.all(all.map((informer) => informer.close()));
    },
  };
}

/** Names a kind: `v1/Pod`, `drover.dev/v1alpha1/Kafka`. */
export function kindId(kind: KindRef): string {
  return `${apiVersionOf(kind)}/${kind.kind}`;
}
