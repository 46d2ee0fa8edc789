import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestControlPlane, type TestControlPlane } from '../../../test/control-plane.ts';
import { toMicroTime } from '../../base/clock.ts';
import { leaseKind } from '../../model/core/lease.ts';
import { nodeKind } from '../../model/core/node.ts';
import { createNodeLifecycle, LEASE_NAMESPACE, LEASE_TIME_MS } from './node-lifecycle.ts';

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await openTestControlPlane();
  await plane.client.create(nodeKind, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'm1' } });
  await setReady();
  await plane.client.create(leaseKind, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { namespace: LEASE_NAMESPACE, name: 'm1' },
    spec: { holderIdentity: 'm1', renewTime: toMicroTime(plane.clock.now()) },
  });
});
afterEach(() => plane.close());

const start = () => plane.start(createNodeLifecycle());

async function setReady() {
  const status = { conditions: [{ type: 'Ready', status: 'True' as const, reason: 'AgentReady', message: 'well' }] };
  await plane.client.patch(nodeKind, { name: 'm1' }, { status }, { subresource: 'status' });
}

async function renew(afterMs: number) {
  await plane.advance(afterMs);
  await plane.client.patch(leaseKind, { namespace: LEASE_NAMESPACE, name: 'm1' }, { spec: { renewTime: toMicroTime(plane.clock.now()) } });
  await plane.idle();
}

async function ready(name = 'm1') {
  const { status } = await plane.client.get(nodeKind, { name });
  const condition = status?.conditions?.find((each) => each.type === 'Ready');
  return condition && `${condition.status} ${condition.reason}`;
}

test('a machine that renews its lease is left alone, without a write', async () => {
  await start();
  for (let round = 0; round < 10; round++) await renew(10_000);
  expect(await ready()).toBe('True AgentReady');
});

test('a silent machine becomes Unknown after the lease time, not before', async () => {
  await start();
  await plane.advance(LEASE_TIME_MS - 1);
  expect(await ready()).toBe('True AgentReady');
  await plane.advance(1);
  expect(await ready()).toBe('Unknown NodeStatusUnknown');
  expect(plane.lines).toEqual(['warn machine is silent']);
});

test('it is said once; and again only after the machine has been back', async () => {
  await start();
  await plane.advance(10 * LEASE_TIME_MS, 20);
  expect(plane.lines.length).toBe(1);
  await setReady();
  await renew(1000);
  expect(await ready()).toBe('True AgentReady');
  await plane.advance(LEASE_TIME_MS);
  expect([await ready(), plane.lines.length]).toEqual(['Unknown NodeStatusUnknown', 2]);
});

test('a control plane that comes up later gives every machine the whole time, however old its lease is', async () => {
  await plane.advance(3_600_000);
  await start();
  await plane.advance(LEASE_TIME_MS - 1);
  expect(await ready()).toBe('True AgentReady');
  await start();
  await plane.advance(LEASE_TIME_MS - 1);
  expect(await ready()).toBe('True AgentReady');
});

test('a control plane that stood still does so too', async () => {
  await start();
  await plane.advance(30_000);
  // One step past the time to look: as after SIGSTOP, when the renewals of this machine had no chance either.
  await plane.advance(60_000);
  expect(await ready()).toBe('True AgentReady');
  await plane.advance(LEASE_TIME_MS);
  expect(await ready()).toBe('Unknown NodeStatusUnknown');
});

test('a machine without lease and report has never been there', async () => {
  await plane.client.create(nodeKind, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'm2' } });
  await start();
  await plane.advance(LEASE_TIME_MS);
  expect(await ready('m2')).toBe('Unknown NodeStatusNeverUpdated');
});
