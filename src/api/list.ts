import { DroverError, hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { Store } from '../store/store.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { badRequest, tooLargeResourceVersion, tooOldResourceVersion } from './faults.ts';
import type { KindCache } from './kind-cache.ts';
import type { ObjectFeed } from './object-feed.ts';
import { checkListOptions, parseResourceVersion } from './resource-version.ts';
import { compileSelection, type Selection } from './selection.ts';
import { listPrefix } from './storage-key.ts';
import type { ListAnswer, ListRequest } from './verbs.ts';

/** How many entries a page of the past reads from the store at a time when a selector may drop most of them. */
const PAST_PAGE = 500;

const EXPIRED_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** What a list answers from. */
export interface ListSources {
  readonly feed: ObjectFeed;
  readonly cache: KindCache;
  readonly store: Store;
}

/** Which state a list shows and where it begins. */
interface Page {
  /** Absent: the present one. */
  readonly atRevision: number | undefined;
  /** Storage key that the list goes on after; '' at the beginning. */
  readonly afterKey: string;
  readonly limit: number;
}

type Row = readonly [key: string, object: Stored<Resource>];

/**
 * The list verb: the present from the cache, the past (exact revisions, later pages after a change) from the store. Throws `invalid`, `bad-request`,
 * `timeout` (a revision from the future), `compacted` (a revision that is forgotten; with a continue token for an inconsistent rest).
 */
export async function listObjects(sources: ListSources, kind: Kind, request: ListRequest): Promise<ListAnswer> {
  checkListOptions(request);
  const selection = compileSelection(kind, request);
  const prefix = listPrefix(kind, request.namespace);
  const page = await choosePage(sources, request, prefix);
  const limit = page.limit > 0 ? page.limit : Number.POSITIVE_INFINITY;
  const { cache, feed } = sources;
  if (page.atRevision === undefined || (page.atRevision <= feed.revision && cache.lastChange <= page.atRevision)) {
    const revision = page.atRevision ?? feed.revision;
    return answer(presentRows(cache, prefix, page.afterKey, selection, limit), prefix, revision, selection, limit);
  }
  if (page.atRevision > feed.revision) throw tooLargeResourceVersion(page.atRevision, feed.revision);
  const rows = await pastRows(sources.store, prefix, page, selection, limit).catch((error: unknown) => {
    if (!hasCode(error, 'compacted')) throw error;
    if (!request.continue) throw tooOldResourceVersion(page.atRevision!, sources.store.compactedRevision());
    const continueToken = encodeContinue({ revision: -1, afterKey: page.afterKey.slice(prefix.length) });
    throw new DroverError('compacted', EXPIRED_CONTINUE, { continueToken });
  });
  return answer(rows, prefix, page.atRevision, selection, limit);
}

async function choosePage({ feed }: ListSources, request: ListRequest, prefix: string): Promise<Page> {
  const limit = request.limit ?? 0;
  const wanted = parseResourceVersion(request.resourceVersion);
  if (request.continue) {
    if (wanted !== undefined && wanted !== 0) throw badRequest('specifying resource version is not allowed when using continue');
    const token = decodeContinue(request.continue);
    await feed.fresh();
    return { atRevision: token.revision < 0 ? undefined : token.revision, afterKey: prefix + token.afterKey, limit };
  }
  if (wanted === undefined) {
    await feed.fresh();
    return { atRevision: undefined, afterKey: '', limit };
  }
  // As kube-apiserver: any state will do, so it is given whole.
  if (wanted === 0) return { atRevision: undefined, afterKey: '', limit: 0 };
  if (request.resourceVersionMatch === 'Exact' || (!request.resourceVersionMatch && limit > 0)) {
    await feed.fresh();
    return { atRevision: wanted, afterKey: '', limit };
  }
  await feed.reached(wanted);
  return { atRevision: undefined, afterKey: '', limit };
}

interface Rows {
  readonly rows: readonly Row[];
  /** How many come after; with a selector only whether there are any. */
  readonly remaining: number;
}

function presentRows(cache: KindCache, prefix: string, afterKey: string, selection: Selection, limit: number): Rows {
  if (selection.key !== undefined && afterKey === '') {
    const object = cache.get(selection.key);
    return { rows: object && selection.matches(object) ? [[selection.key, object]] : [], remaining: 0 };
  }
  const rows: Row[] = [];
  let remaining = 0;
  for (const row of cache.range(prefix, afterKey)) {
    if (!selection.matches(row[1])) continue;
    if (rows.length < limit) rows.push(row);
    else {
      remaining++;
      if (!selection.everything) break;
    }
  }
  return { rows, remaining };
}

async function pastRows(store: Store, prefix: string, page: Page, selection: Selection, limit: number): Promise<Rows> {
  const rows: Row[] = [];
  let afterKey = page.afterKey;
  for (;;) {
    const chunk = Number.isFinite(limit) ? Math.max(PAST_PAGE, limit) : undefined;
    const list = await store.list(prefix, {
      atRevision: page.atRevision!,
      ...(chunk !== undefined && { limit: chunk }),
      ...(afterKey !== '' && { afterKey }),
    });
    for (const [index, entry] of list.entries.entries()) {
      const object = JSON.parse(entry.value) as Stored<Resource>;
      object.metadata.resourceVersion = String(entry.modRevision);
      if (!selection.matches(object)) continue;
      if (rows.length === limit) return { rows, remaining: list.entries.length - index + list.remaining };
      rows.push([entry.key, object]);
    }
    if (list.remaining === 0 || list.entries.length === 0) return { rows, remaining: 0 };
    afterKey = list.entries.at(-1)!.key;
  }
}

function answer({ rows, remaining }: Rows, prefix: string, revision: number, selection: Selection, limit: number): ListAnswer {
  const items = rows.map(([, object]) => object);
  if (remaining === 0 || !Number.isFinite(limit)) return { items, resourceVersion: String(revision) };
  return {
    items,
    resourceVersion: String(revision),
    continue: encodeContinue({ revision, afterKey: rows.at(-1)![0].slice(prefix.length) }),
    ...(selection.everything && { remainingItemCount: remaining }),
  };
}
