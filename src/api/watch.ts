import { DroverError } from '../base/errors.ts';
import { BoundedStream } from '../base/bounded-stream.ts';
import type { Kind } from '../model/kind.ts';
import type { Resource, Stored } from '../model/resource.ts';
import type { CacheEvent } from './event-ring.ts';
import type { KindCache } from './kind-cache.ts';
import type { ObjectFeed } from './object-feed.ts';
import { checkWatchOptions, parseResourceVersion } from './resource-version.ts';
import { compileSelection, type Selection } from './selection.ts';
import { listPrefix } from './storage-key.ts';
import type { WatchItem, WatchRequest } from './verbs.ts';

/** Events that may wait for a slow reader before it is cut off. */
export const WATCH_CAPACITY = 10_000;

/**
 * The watch verb. Without resourceVersion, with "0" or with sendInitialEvents it begins with the present objects as ADDED; otherwise with what happened
 * after that revision. Objects that begin or cease to match the selectors are ADDED and DELETED. Throws `compacted`, `invalid`, `bad-request`, `timeout`.
 */
export async function* watchObjects(
  feed: ObjectFeed,
  cache: KindCache,
  kind: Kind,
  request: WatchRequest,
): AsyncGenerator<WatchItem, void> {
  checkWatchOptions(request);
  const selection = compileSelection(kind, request);
  const prefix = listPrefix(kind, request.namespace);
  const wanted = parseResourceVersion(request.resourceVersion);
  const initial = request.sendInitialEvents ?? (wanted === undefined || wanted === 0);
  if (wanted === undefined) await feed.fresh();
  else await feed.reached(wanted);

  if (request.signal.aborted) return;

  const bookmarks = request.allowWatchBookmarks === true;
  const stream = new BoundedStream<WatchItem>({
    capacity: WATCH_CAPACITY,
    signal: request.signal,
    overflow: {
      type: 'fail',
      error: () => new DroverError('compacted', `The watch of ${kind.plural} was cut off because it read too slowly: list again.`),
    },
    onEnd: () => stopListening(),
  });
  const stopListening = cache.listen({
    changed(event) {
      if (!event.key.startsWith(prefix)) return;
      const item = select(event, selection);
      if (item) stream.push(item);
    },
    bookmark(revision) {
      if (bookmarks) stream.push({ type: 'BOOKMARK', resourceVersion: String(revision), initialEventsEnd: false });
    },
    cutOff(error) {
      if (error) stream.fail(error);
      else stream.end();
    },
  });
  try {
    if (request.signal.aborted) return;
    // Taken in the same turn as the listener was added: no event lies between.
    const revision = feed.revision;
    if (initial) {
      const objects = [...cache.range(prefix)].map(([, object]) => object).filter(selection.matches);
      for (const object of objects) {
        if (request.signal.aborted) return;
        yield { type: 'ADDED', object };
      }
      if (request.sendInitialEvents && bookmarks) {
        yield { type: 'BOOKMARK', resourceVersion: String(revision), initialEventsEnd: true };
      }
    } else if (wanted !== undefined && wanted !== 0) {
      for (const event of cache.eventsAfter(wanted)) {
        if (request.signal.aborted) return;
        const item = event.key.startsWith(prefix) ? select(event, selection) : undefined;
        if (item) yield item;
      }
    }
    yield* stream;
  } finally {
    stream.end();
  }
}

/** How an event looks through a selection; undefined when it does not show. */
function select(event: CacheEvent, selection: Selection): WatchItem | undefined {
  const { type, object, previous } = event;
  if (selection.everything) return { type, object };
  const before = previous !== undefined && selection.matches(previous);
  if (type === 'DELETED') return before ? { type, object } : undefined;
  if (selection.matches(object)) return { type: before ? 'MODIFIED' : 'ADDED', object };
  return before ? { type: 'DELETED', object: atRevision(previous, event.revision) } : undefined;
}

/** The last state that matched, with the revision at which it ceased to. */
function atRevision(object: Stored<Resource>, revision: number): Stored<Resource> {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}
