import type { Condition } from '../../model/resource.ts';
import { withCondition } from '../../model/resource.ts';

/** What still is in a namespace that is to go: how many objects of each resource (`pods.`, `kafkas.drover.dev`), and with which finalizers. */
export interface Remaining {
  readonly resources: ReadonlyMap<string, number>;
  readonly finalizers: ReadonlyMap<string, number>;
}

/** The conditions of a terminating namespace in Kubernetes' words; `failure`: what could not be deleted. Pure. */
export function namespaceConditions(
  before: readonly Condition[] | undefined,
  remaining: Remaining,
  failure: string | undefined,
  now: string,
): Condition[] {
  const resources = [...remaining.resources].sort(byName).map(([resource, count]) => `${resource} has ${count} resource instances`);
  const finalizers = [...remaining.finalizers].sort(byName).map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  const next: Condition[] = [
    failure === undefined
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        }
      : { type: 'NamespaceDeletionContentFailure', status: 'True', reason: 'ContentDeletionFailed', message: failure },
    resources.length > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${resources.join(', ')}`,
        }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    finalizers.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${finalizers.join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
  return next.reduce((conditions, condition) => withCondition(conditions, condition, now), [...(before ?? [])]);
}

function byName([a]: [string, number], [b]: [string, number]): number {
  return a < b ? -1 : 1;
}
