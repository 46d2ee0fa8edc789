import type { Clock } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { Kind } from '../model/kind.ts';
import type { ObjectKey, Resource, Stored } from '../model/resource.ts';
import type { Scheme } from '../model/scheme.ts';
import type { Store } from '../store/store.ts';
import { alreadyExists, modified, notFound } from './faults.ts';
import type { KindSchema } from './kind-schema.ts';
import type { ObjectFeed } from './object-feed.ts';
import { storageKey } from './storage-key.ts';
import { storedText } from './stored-text.ts';

/** What the writing verbs share. */
export interface WriteContext {
  readonly store: Store;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly feed: ObjectFeed;
  schemaOf(kind: Kind): KindSchema;
  /** A new metadata.uid. */
  newUid(): string;
  /** The random end of a generated name. */
  nameSuffix(): string;
}

/** The newest state of an object. Throws `not-found`. */
export async function currentObject(context: WriteContext, kind: Kind, key: ObjectKey): Promise<Stored<Resource>> {
  await context.feed.fresh();
  const object = context.feed.cacheOf(kind).get(storageKey(kind, key));
  if (!object) throw notFound(kind, key);
  return object;
}

/** Writes a new object. Throws `already-exists`, `too-large`. */
export async function storeNew(context: WriteContext, kind: Kind, key: ObjectKey, object: Resource): Promise<Stored<Resource>> {
  const text = storedText(kind, object);
  const stored = object as Stored<Resource>;
  const forget = context.feed.announce(text, stored);
  try {
    const { modRevision } = await context.store.create(storageKey(kind, key), text);
    stored.metadata.resourceVersion = String(modRevision);
    return stored;
  } catch (error) {
    forget();
    throw hasCode(error, 'already-exists') ? alreadyExists(kind, key.name) : error;
  }
}

/** Writes `object` over `old`, if that is still the newest state. Throws `conflict`, `not-found`, `too-large`. */
export async function storeOver(
  context: WriteContext,
  kind: Kind,
  key: ObjectKey,
  object: Resource,
  old: Stored<Resource>,
): Promise<Stored<Resource>> {
  const text = storedText(kind, object);
  const stored = object as Stored<Resource>;
  const forget = context.feed.announce(text, stored);
  try {
    const { modRevision } = await context.store.update(storageKey(kind, key), text, Number(old.metadata.resourceVersion));
    stored.metadata.resourceVersion = String(modRevision);
    return stored;
  } catch (error) {
    forget();
    throw translated(error, kind, key);
  }
}

/** Removes `old`, if that is still the newest state. Returns the revision of the deletion. Throws `conflict`, `not-found`. */
export async function storeNoMore(context: WriteContext, kind: Kind, key: ObjectKey, old: Stored<Resource>): Promise<number> {
  try {
    return await context.store.delete(storageKey(kind, key), Number(old.metadata.resourceVersion));
  } catch (error) {
    throw translated(error, kind, key);
  }
}

function translated(error: unknown, kind: Kind, key: ObjectKey): unknown {
  if (hasCode(error, 'conflict')) return modified(kind, key.name);
  return hasCode(error, 'not-found') ? notFound(kind, key) : error;
}
