import { toTime, type Clock } from '../../base/clock.ts';
import { DroverError } from '../../base/errors.ts';
import type { Kind } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import { createScheme, type Scheme } from '../../model/scheme.ts';
import { notFound } from '../faults.ts';
import { compileSelection } from '../selection.ts';
import type { ListRequest, Verbs, WatchItem, WatchRequest } from '../verbs.ts';
import { definitionKind, definitionOf } from './definition.ts';

/** Adds the derived CustomResourceDefinitions of all kinds of our own to a scheme and to the verbs: they are read and watched, never written. */
export function withDefinitions(verbs: Verbs, scheme: Scheme, clock: Clock): { verbs: Verbs; scheme: Scheme } {
  const createdAt = toTime(clock.now());
  const all = scheme.kinds
    .filter((kind) => kind.origin === 'crd')
    .map((kind) => definitionOf(kind, createdAt))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const selected = (request: ListRequest | WatchRequest): readonly Stored<Resource>[] => {
    const selection = compileSelection(definitionKind, request);
    return all.filter((definition) => selection.matches(definition));
  };
  const ours = (kind: Kind): boolean => kind.group === definitionKind.group;
  return {
    scheme: createScheme([...scheme.kinds, definitionKind]),
    verbs: {
      ...verbs,
      async get(kind, key, request) {
        if (!ours(kind)) return verbs.get(kind, key, request);
        const found = all.find((definition) => definition.metadata.name === key.name);
        if (!found) throw notFound(kind, key);
        return found;
      },
      list: async (kind, request) => (ours(kind) ? { items: selected(request), resourceVersion: '1' } : verbs.list(kind, request)),
      watch: (kind, request) => (ours(kind) ? watchFixed(selected, request) : verbs.watch(kind, request)),
    },
  };
}

/** A watch of what never changes: what there is (unless it goes on from a list), then nothing until the reader leaves. */
async function* watchFixed(
  selected: (request: WatchRequest) => readonly Stored<Resource>[],
  request: WatchRequest,
): AsyncIterable<WatchItem> {
  const { resourceVersion, signal } = request;
  if (resourceVersion !== undefined && !/^\d+$/.test(resourceVersion)) {
    throw new DroverError('bad-request', `invalid resource version: ${JSON.stringify(resourceVersion)}`);
  }
  const objects = selected(request);
  if (request.sendInitialEvents ?? (resourceVersion === undefined || resourceVersion === '0')) {
    for (const object of objects) yield { type: 'ADDED', object };
  }
  if (request.sendInitialEvents && request.allowWatchBookmarks) yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
