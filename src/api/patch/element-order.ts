import { sameJson } from '../../model/same-json.ts';

/** Where an item stands in a list, by its identity; -1 when it does not. */
export type IndexIn = (list: readonly unknown[], item: unknown) => number;

/** Identity of items that are objects: the value under `key`. */
export function byMember(key: string): IndexIn {
  return (list, item) => list.findIndex((other) => sameJson(member(other, key), member(item, key)));
}

/** Identity of primitive items: they themselves. */
export const byValue: IndexIn = (list, item) => list.indexOf(item);

/**
 * The order of a strategically merged list, as Kubernetes has it: items that the patch names stand in the patch's order, the others in that of the live
 * list; each of the others is put before the first named item that stands behind it in the live list.
 */
export function mergedOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  liveOrder: readonly unknown[],
  indexIn: IndexIn,
): unknown[] {
  const named = merged.filter((item) => indexIn(patchOrder, item) >= 0).sort((a, b) => indexIn(patchOrder, a) - indexIn(patchOrder, b));
  const others = merged.filter((item) => indexIn(patchOrder, item) < 0).sort((a, b) => indexIn(liveOrder, a) - indexIn(liveOrder, b));
  const result: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const other = indexIn(liveOrder, others[0]);
    const next = indexIn(liveOrder, named[0]);
    result.push(other >= 0 && next >= 0 && other < next ? others.shift() : named.shift());
  }
  return [...result, ...named, ...others];
}

function member(item: unknown, key: string): unknown {
  return typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[key] : undefined;
}
