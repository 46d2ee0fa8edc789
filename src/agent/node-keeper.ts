import { backoffMs } from '../base/backoff.ts';
import { sleep, toMicroTime, type Clock } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import type { ResourceClient } from '../client/client.ts';
import { leaseKind, type Lease } from '../model/core/lease.ts';
import { namespaceKind } from '../model/core/namespace.ts';
import { nodeKind, type Node } from '../model/core/node.ts';
import type { Stored } from '../model/resource.ts';
import type { AgentLog } from './agent-output.ts';
import type { NodeFacts } from './node-facts.ts';
import { nodeLabels, nodeStatus, type NodeIdentity } from './node-status.ts';
import { sameJson } from './pod-status.ts';

/** Where the leases of machines are. */
export const LEASE_NAMESPACE = 'kube-node-lease';
/** How often the lease is renewed, and how long it holds. */
export const HEARTBEAT_MS = 10_000;
export const LEASE_MS = 40_000;
/** The Node's status is written when it changes, and at least so often. */
const STATUS_EVERY_MS = 300_000;
const RETRY = { baseMs: 500, maxMs: HEARTBEAT_MS };

export interface NodeKeeperOptions {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: AgentLog;
  readonly identity: NodeIdentity;
  readonly facts: () => Promise<NodeFacts>;
}

interface Kept {
  node: Stored<Node> | undefined;
  lease: Stored<Lease> | undefined;
  statusAtMs: number;
  renewedAtMs: number;
}

/**
 * Keeps the machine's Node and Lease until `signal` aborts: one write of the lease every 10 s, the Node's status when it changed, every five minutes,
 * and after a time without renewal (others may have judged the machine meanwhile). Failures are tried again sooner than the next heartbeat.
 */
export async function keepNode(options: NodeKeeperOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, identity } = options;
  const kept: Kept = { node: undefined, lease: undefined, statusAtMs: -Infinity, renewedAtMs: -Infinity };
  let failures = 0;
  while (!signal.aborted) {
    try {
      await renewLease(options, kept);
      await keepStatus(options, kept);
      if (failures > 0) log.info({ node: identity.nodeName, failures }, 'the heartbeat goes on');
      failures = 0;
    } catch (error) {
      // Whoever wrote in between is seen at the next look.
      if (hasCode(error, 'conflict', 'not-found', 'already-exists')) kept.lease = kept.node = undefined;
      if (failures++ === 0) log.warn({ node: identity.nodeName, error: String(error) }, 'the heartbeat failed');
    }
    const pauseMs = failures === 0 ? HEARTBEAT_MS : backoffMs(failures, RETRY);
    await sleep(clock, pauseMs, signal).catch(() => {});
  }
}

async function renewLease({ client, clock, identity }: NodeKeeperOptions, kept: Kept): Promise<void> {
  const key = { namespace: LEASE_NAMESPACE, name: identity.nodeName };
  const now = toMicroTime(clock.now());
  const held = { holderIdentity: identity.nodeName, leaseDurationSeconds: LEASE_MS / 1000, renewTime: now };
  kept.lease ??= await orAbsent(client.get(leaseKind, key));
  if (kept.lease) kept.lease = await client.update(leaseKind, { ...kept.lease, spec: { ...kept.lease.spec, ...held } });
  else {
    const lease: Lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...key },
      spec: { ...held, acquireTime: now },
    };
    kept.lease = await client.create(leaseKind, lease).catch(async (error: unknown) => {
      if (!hasCode(error, 'not-found')) throw error;
      await client.create(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LEASE_NAMESPACE } });
      return client.create(leaseKind, lease);
    });
  }
  // After such a time others have taken the machine for lost, and its status says so.
  if (clock.now() - kept.renewedAtMs > LEASE_MS) {
    kept.node = undefined;
    kept.statusAtMs = -Infinity;
  }
  kept.renewedAtMs = clock.now();
}

async function keepStatus({ client, clock, identity, facts: read }: NodeKeeperOptions, kept: Kept): Promise<void> {
  const facts = await read();
  const labels = nodeLabels(identity, facts);
  const name = identity.nodeName;
  kept.node ??=
    (await orAbsent(client.get(nodeKind, { name }))) ??
    (await client.create(nodeKind, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {} }));
  if (Object.entries(labels).some(([label, value]) => kept.node?.metadata.labels?.[label] !== value)) {
    kept.node = await client.patch(nodeKind, { name }, { metadata: { labels } });
  }
  const nowMs = clock.now();
  const status = nodeStatus(identity, facts, kept.node.status, nowMs);
  if (sameJson(status, kept.node.status) && nowMs - kept.statusAtMs < STATUS_EVERY_MS) return;
  kept.node = await writeStatus(client, kept.node, status);
  kept.statusAtMs = nowMs;
}

/** Users write the Node too (cordon, labels), so a conflict is common here and harmless: the status is ours alone. */
async function writeStatus(client: ResourceClient, node: Stored<Node>, status: NonNullable<Node['status']>): Promise<Stored<Node>> {
  try {
    return await client.updateStatus(nodeKind, { ...node, status });
  } catch (error) {
    if (!hasCode(error, 'conflict')) throw error;
    const fresh = await client.get(nodeKind, { name: node.metadata.name });
    return client.updateStatus(nodeKind, { ...fresh, status });
  }
}

function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  });
}
