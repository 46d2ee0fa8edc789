import { fromTime, toTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { managedServiceKind } from '../../model/drover/managed-service.ts';
import { operationKind } from '../../model/drover/operation.ts';
import { LABEL_SERVICE } from '../../model/labels.ts';
import { reason } from '../../model/reason.ts';
import { keyOf, parseKey } from '../../model/resource.ts';
import { KEEP } from '../../plan/collect.ts';
import { hint } from '../../plan/did-you-mean.ts';
import type { ControllerContext, Result } from '../controller.ts';

/** Answers operations on a service that does not exist, and forgets them when they are old. */
export async function answerOrphans(key: string, context: ControllerContext): Promise<Result | void> {
  const { namespace = '', name } = parseKey(key);
  const { client, caches, clock } = context;
  let nextMs: number | undefined;
  for (const operation of caches.of(operationKind).byLabel(namespace, LABEL_SERVICE, name)) {
    const ageMs = operation.status ? clock.now() - fromTime(operation.status.decidedAt) : 0;
    try {
      if (!operation.status) {
        const names = caches
          .of(managedServiceKind)
          .list(namespace)
          .map((service) => service.metadata.name);
        const why = reason('ServiceNotFound', `There is no service "${name}" in namespace ${namespace}.${hint(name, names)}`);
        await client.updateStatus(operationKind, {
          ...operation,
          status: { outcome: 'NotFound', reason: why, decidedAt: toTime(clock.now()) },
        });
      } else if (ageMs >= KEEP.operationMs) {
        await client.delete(operationKind, keyOf(operation), { uid: operation.metadata.uid });
      } else {
        nextMs = Math.min(nextMs ?? KEEP.operationMs, KEEP.operationMs - ageMs);
      }
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error;
    }
  }
  return nextMs === undefined ? undefined : { requeueAfterMs: nextMs };
}
