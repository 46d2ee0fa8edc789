import { afterEach, describe, expect, it } from 'vitest';
import { DroverError } from '../base/errors.ts';
import { leaseKind } from '../model/core/lease.ts';
import { nodeKind } from '../model/core/node.ts';
import { newWorld, type World, type WorldOptions } from './agent-world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const w of worlds.splice(0)) {
    await w.agent.close();
    expect(w.machine.violations).toEqual([]);
  }
});

async function world(options: WorldOptions = {}): Promise<World> {
  const w = await newWorld(options);
  worlds.push(w);
  return w;
}

describe('the node', () => {
  it('is registered, and idle costs one lease write in 10 s', async () => {
    const w = await world();
    const node = await w.client.get(nodeKind, { name: 'm1' });
    expect(node.metadata.labels).toEqual({ 'kubernetes.io/hostname': 'm1', 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' });
    expect(node.status?.conditions?.map((condition) => `${condition.type}=${condition.status}`)).toEqual([
      'MemoryPressure=False',
      'DiskPressure=False',
      'Ready=True',
    ]);
    await w.advance(1_000);
    const before = w.client.requests.length;
    await w.advance(100_000);
    const requests = w.client.requests.slice(before).filter((request) => !request.startsWith('list pods'));
    expect(requests).toEqual(Array.from({ length: 10 }, () => 'update leases kube-node-lease/m1'));
    const lease = await w.client.get(leaseKind, { namespace: 'kube-node-lease', name: 'm1' });
    expect(lease.spec).toMatchObject({ holderIdentity: 'm1', leaseDurationSeconds: 40 });
  });

  it('says anew that it is ready when it could not renew for longer than the lease', async () => {
    const w = await world();
    await w.advance(1_000);
    w.client.fault = () => {
      throw new DroverError('unavailable', 'the server is away');
    };
    await w.pump(60_000);
    w.client.fault = undefined;
    const node = await w.client.get(nodeKind, { name: 'm1' });
    const conditions = node.status!.conditions!.map((condition) => ({ ...condition, status: 'Unknown' as const }));
    await w.client.updateStatus(nodeKind, { ...node, status: { ...node.status, conditions } });
    await w.advance(40_000);
    const after = await w.client.get(nodeKind, { name: 'm1' });
    expect(after.status?.conditions?.find((condition) => condition.type === 'Ready')?.status).toBe('True');
  });
});
