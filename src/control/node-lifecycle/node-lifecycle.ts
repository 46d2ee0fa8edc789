import type { Lease } from '../../model/core/lease.ts';
import type { Node } from '../../model/core/node.ts';
import type { Condition, Stored } from '../../model/resource.ts';
import type { Controller, ControllerContext, Result } from '../controller.ts';
import { toTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { leaseKind } from '../../model/core/lease.ts';
import { nodeKind } from '../../model/core/node.ts';
import { reason } from '../../model/reason.ts';
import { withCondition } from '../../model/resource.ts';

/** The namespace of the machines' Leases; a Lease has its Node's name. */
export const LEASE_NAMESPACE = 'kube-node-lease';
/** A machine whose Lease has not been renewed for so long is not known to be well any more (Kubernetes' node monitor grace period). */
export const LEASE_TIME_MS = 40_000;
/** A look that comes so much later than planned means that this process stood still, and could not see renewals either. */
const STOOD_STILL_MS = 5_000;

/** When this process last saw a sign of life of a machine, on its own clock: machines' clocks may be wrong. */
interface Sighting {
  readonly uid: string;
  readonly sign: string;
  readonly seenMs: number;
  readonly lookAtMs: number;
}

/**
 * Sets condition Ready=Unknown on a Node whose Lease has not been renewed for 40 s. Its agent sets Ready again by itself when it is back. A control plane
 * that has just started, or stood still, gives every machine the whole time before it judges. Pods are not touched. Keys are names of Nodes.
 */
export function createNodeLifecycle(): Controller {
  const terms = new WeakMap<AbortSignal, Map<string, Sighting>>();

  async function reconcile(name: string, context: ControllerContext): Promise<Result | void> {
    let sightings = terms.get(context.signal);
    if (!sightings) terms.set(context.signal, (sightings = new Map()));
    const node = context.caches.of(nodeKind).get({ name });
    if (!node) {
      sightings.delete(name);
      return;
    }
    const nowMs = context.clock.monotonic();
    const sign = signOfLife(node, context.caches.of(leaseKind).get({ namespace: LEASE_NAMESPACE, name }));
    const before = sightings.get(name);
    const isFresh = before?.uid !== node.metadata.uid || before.sign !== sign || nowMs - before.lookAtMs > STOOD_STILL_MS;
    const seenMs = isFresh ? nowMs : before.seenMs;
    const silentMs = nowMs - seenMs;
    const sighting = { uid: node.metadata.uid, sign, seenMs };
    if (silentMs < LEASE_TIME_MS) {
      sightings.set(name, { ...sighting, lookAtMs: seenMs + LEASE_TIME_MS });
      return { requeueAfterMs: LEASE_TIME_MS - silentMs };
    }
    // The cache may have stopped hearing: the server has the last word before a machine is judged.
    const live = signOfLife(node, await readLease(name, context));
    if (live !== sign) {
      sightings.set(name, { ...sighting, sign: live, seenMs: nowMs, lookAtMs: nowMs + LEASE_TIME_MS });
      return { requeueAfterMs: LEASE_TIME_MS };
    }
    sightings.set(name, { ...sighting, lookAtMs: Number.POSITIVE_INFINITY });
    await judge(node, silentMs, context);
  }

  return {
    name: 'node-lifecycle',
    watches: [
      { kind: nodeKind },
      {
        kind: leaseKind,
        keys: (lease) => (lease.metadata.namespace === LEASE_NAMESPACE ? [lease.metadata.name] : []),
      },
    ],
    writes: ['nodes.status.conditions.Ready'],
    reconcile,
  };
}

/** Changes whenever the machine's agent has renewed its lease, or has said itself that it is (not) ready. */
function signOfLife(node: Stored<Node>, lease: Stored<Lease> | undefined): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return JSON.stringify([lease?.metadata.uid, lease?.spec?.renewTime, ready?.status === 'Unknown' ? '' : ready]);
}

async function readLease(name: string, { client }: ControllerContext): Promise<Stored<Lease> | undefined> {
  try {
    return await client.get(leaseKind, { namespace: LEASE_NAMESPACE, name });
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

async function judge(node: Stored<Node>, silentMs: number, context: ControllerContext): Promise<void> {
  const { name } = node.metadata;
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'Unknown') return;
  const seconds = Math.round(silentMs / 1000);
  const next: Condition = {
    type: 'Ready',
    status: 'Unknown',
    reason: ready ? 'NodeStatusUnknown' : 'NodeStatusNeverUpdated',
    message: ready ? 'The agent stopped renewing its lease.' : 'The agent never reported.',
  };
  const conditions = withCondition(node.status?.conditions, next, toTime(context.clock.now()));
  await context.client.updateStatus(nodeKind, { ...node, status: { ...node.status, conditions } });
  context.log.warn({ machine: name, silentSeconds: seconds }, 'machine is silent');
  context.events.event(node, 'Warning', reason('NodeNotReady', `Node ${name} has not renewed its lease`, { silentSeconds: seconds }));
}
