import type { Namespace } from '../../model/core/namespace.ts';
import type { Kind } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { Controller, ControllerContext } from '../controller.ts';
import type { Remaining } from './conditions.ts';
import { toTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { canonicalJson } from '../../base/ids.ts';
import { eventKind } from '../../model/core/event.ts';
import { namespaceKind } from '../../model/core/namespace.ts';
import { resourceName } from '../../model/kind.ts';
import { keyOf } from '../../model/resource.ts';
import { inBatches } from '../in-batches.ts';
import { kindId } from '../informers.ts';
import { namespaceConditions } from './conditions.ts';

/** The finalizer in a namespace's spec that this controller removes. */
const FINALIZER = 'kubernetes';

interface Item {
  readonly kind: Kind;
  readonly object: Stored<Resource>;
}

export interface NamespaceOptions {
  /** Every kind that the server knows. */
  readonly kinds: readonly Kind[];
  /** Those whose finalizers end pods in order (services and domain kinds): deleted first, the rest when they are gone. */
  readonly first: readonly Kind[];
}

/**
 * Empties a namespace that is being deleted, then lets it go: services first, so that their pods end in order, then all else, last the Events. The
 * status of the namespace says what remains and which finalizers it waits for. Data of services is kept where they keep it.
 */
export function createNamespaceController(options: NamespaceOptions): Controller {
  const contents = options.kinds.filter((kind) => kind.namespaced && kindId(kind) !== kindId(eventKind));
  const isFirst = (kind: Kind) => options.first.some((each) => kindId(each) === kindId(kind));
  const stages = [contents.filter(isFirst), contents.filter((kind) => !isFirst(kind))];

  async function reconcile(name: string, context: ControllerContext): Promise<void> {
    const namespace = context.caches.of(namespaceKind).get({ name });
    if (!namespace?.metadata.deletionTimestamp) return;
    for (const stage of stages) {
      const items = stage.flatMap((kind) =>
        context.caches
          .of(kind)
          .list(name)
          .map((object) => ({ kind, object })),
      );
      const doomed = items.filter(({ object }) => !object.metadata.deletionTimestamp);
      if (items.length === 0) continue;
      const all = contents.flatMap((kind) =>
        context.caches
          .of(kind)
          .list(name)
          .map((object) => ({ kind, object })),
      );
      const faults = await removeAll(doomed, context);
      await report(namespace, remainingOf(all), faults[0], context);
      if (faults.length > 0) throw faults[0];
      return;
    }
    // The caches may lag: the server has the last word before the namespace goes.
    const left = await listLive([...contents, eventKind], name, context);
    if (left.length > 0) {
      const faults = await removeAll(left, context);
      if (faults.length > 0) throw faults[0];
      // Events are not watched here: look again at once. What else was found wakes this key when the cache has it.
      if (left.every(({ kind }) => kind === eventKind)) context.wake(name);
      return;
    }
    await finalize(namespace, context);
  }

  return {
    name: 'namespace',
    watches: [
      { kind: namespaceKind },
      ...contents.map((kind) => ({ kind, keys: (object: Stored<Resource>) => [object.metadata.namespace ?? ''] })),
    ],
    writes: ['namespaces.status', `namespaces.spec.finalizers.${FINALIZER}`],
    reconcile,
  };
}

async function listLive(kinds: readonly Kind[], namespace: string, { client }: ControllerContext): Promise<Item[]> {
  const lists = await Promise.all(kinds.map((kind) => client.list(kind, { namespace, limit: 500 })));
  return kinds.flatMap((kind, index) => lists[index]!.items.map((object) => ({ kind, object })));
}

async function removeAll(items: readonly Item[], { client }: ControllerContext): Promise<unknown[]> {
  const faults: unknown[] = [];
  await inBatches(items, 50, async ({ kind, object }) => {
    try {
      await client.delete(kind, keyOf(object), { uid: object.metadata.uid });
    } catch (error) {
      if (!hasCode(error, 'not-found', 'conflict')) faults.push(error);
    }
  });
  return faults;
}

function remainingOf(items: readonly Item[]): Remaining {
  const resources = new Map<string, number>();
  const finalizers = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { kind, object } of items) {
    count(resources, kind.group === '' ? `${kind.plural}.` : resourceName(kind));
    for (const finalizer of object.metadata.finalizers ?? []) count(finalizers, finalizer);
  }
  return { resources, finalizers };
}

async function report(namespace: Stored<Namespace>, remaining: Remaining, fault: unknown, context: ControllerContext): Promise<void> {
  const failure = fault instanceof Error ? fault.message : undefined;
  const conditions = namespaceConditions(namespace.status?.conditions, remaining, failure, toTime(context.clock.now()));
  if (canonicalJson(conditions) === canonicalJson(namespace.status?.conditions ?? [])) return;
  await context.client.updateStatus(namespaceKind, { ...namespace, status: { ...namespace.status, conditions } });
}

async function finalize(namespace: Stored<Namespace>, { client, log }: ControllerContext): Promise<void> {
  const finalizers = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  if (finalizers.length === (namespace.spec?.finalizers ?? []).length) return;
  try {
    await client.update(namespaceKind, { ...namespace, spec: { ...namespace.spec, finalizers } });
    log.info({ namespace: namespace.metadata.name }, 'namespace is empty and gone');
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
  }
}
