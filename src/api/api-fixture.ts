import { FakeClock } from '../base/fake-clock.ts';
import { DroverError } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import { createScheme } from '../model/scheme.ts';
import type { Store } from '../store/store.ts';
import { createVerbs, type OpenVerbs } from './create-verbs.ts';
import type { DeleteRequest, Patch, WatchItem, WatchRequest, WriteRequest } from './verbs.ts';

/** The verbs over a store of a test, with a fake clock and a fixed actor. */
export interface ApiFixture {
  readonly verbs: OpenVerbs;
  readonly store: Store;
  readonly clock: FakeClock;
  create(kind: Kind, body: object, request?: Partial<WriteRequest>): Promise<Stored<Resource>>;
  update(kind: Kind, body: object, request?: Partial<WriteRequest>): Promise<Stored<Resource>>;
  patch(kind: Kind, name: string, patch: Patch, request?: Partial<WriteRequest>): Promise<Stored<Resource>>;
  remove(kind: Kind, name: string, request?: Partial<DeleteRequest>): Promise<{ gone: boolean; object: Stored<Resource> }>;
  get(kind: Kind, name: string): Promise<Stored<Resource>>;
  /** The first `count` items of a watch. */
  watched(kind: Kind, count: number, request?: Partial<WatchRequest>): Promise<WatchItem[]>;
}

/** Opens the verbs over `store` for the kinds of a test; objects live in the namespace `default`. Close `verbs` at the end. */
export async function openApi(store: Store, kinds: readonly Kind[]): Promise<ApiFixture> {
  const clock = new FakeClock();
  let uids = 0;
  const verbs = await createVerbs({ store, scheme: createScheme(kinds), clock, newUid: () => `uid-${++uids}` });
  const actor = 'tester';
  const namespaceOf = (kind: Kind) => (kind.namespaced ? 'default' : undefined);
  const keyOf = (kind: Kind, name: string): ObjectKey => (kind.namespaced ? { namespace: 'default', name } : { name });
  return {
    verbs,
    store,
    clock,
    create: (kind, body, request) => verbs.create(kind, namespaceOf(kind), body, { actor, ...request }),
    update: (kind, body, request) => verbs.update(kind, keyOf(kind, (body as Resource).metadata.name!), body, { actor, ...request }),
    patch: (kind, name, patch, request) => verbs.patch(kind, keyOf(kind, name), patch, { actor, ...request }),
    remove: (kind, name, request) => verbs.delete(kind, keyOf(kind, name), { actor, ...request }),
    get: (kind, name) => verbs.get(kind, keyOf(kind, name)),
    async watched(kind, count, request) {
      const controller = new AbortController();
      const items: WatchItem[] = [];
      for await (const item of verbs.watch(kind, { namespace: 'default', ...request, signal: controller.signal })) {
        items.push(item);
        if (items.length === count) break;
      }
      controller.abort();
      return items;
    },
  };
}

/** What a call throws, as `code: message`; fails when it throws nothing or no DroverError. */
export async function faultOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error('it did not throw'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DroverError)) throw error;
  return `${error.code}: ${error.message}`;
}

/** A watch item in a few words: `ADDED a@5`. */
export function itemText(item: WatchItem): string {
  if (item.type === 'BOOKMARK') return `BOOKMARK @${item.resourceVersion}${item.initialEventsEnd ? ' end' : ''}`;
  return `${item.type} ${item.object.metadata.name}@${item.object.metadata.resourceVersion}`;
}
