import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node } from '../model/core/node.ts';
import type { Pod } from '../model/core/pod.ts';
import { demandOf } from './demand.ts';
import { Herd } from './herd.ts';
import { place } from './place.ts';
import { refusalReason } from './refusal-text.ts';

interface PodShape {
  cpu?: string;
  memory?: string;
  port?: number;
  selector?: Record<string, string>;
  tolerations?: Record<string, unknown>[];
}

interface NodeShape {
  cpu?: string;
  memory?: string;
  pods?: string;
  ready?: boolean;
  unschedulable?: boolean;
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: string }[];
}

function pod(shape: PodShape = {}, more: Partial<Pod['spec']> = {}, status?: Pod['status']): Pod {
  const requests = { ...(shape.cpu && { cpu: shape.cpu }), ...(shape.memory && { memory: shape.memory }) };
  const ports = shape.port === undefined ? [] : [{ containerPort: shape.port }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      containers: [{ name: 'c', resources: { requests }, ports }],
      ...(shape.selector && { nodeSelector: shape.selector }),
      ...(shape.tolerations && { tolerations: shape.tolerations }),
      ...more,
    },
    ...(status && { status }),
  };
}

function node(name: string, shape: NodeShape = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: shape.labels ?? {} },
    spec: { unschedulable: shape.unschedulable ?? false, taints: shape.taints ?? [] },
    status: {
      allocatable: { cpu: shape.cpu ?? '4', memory: shape.memory ?? '8Gi', pods: shape.pods ?? '110' },
      conditions: [{ type: 'Ready', status: shape.ready === false ? 'False' : 'True' }],
    },
  };
}

function herdOf(...nodes: Node[]): Herd {
  const herd = new Herd();
  for (const each of nodes) herd.setNode(each);
  return herd;
}

describe('refusals name every rule with its numbers', () => {
  test.each<[string, PodShape, NodeShape, string]>([
    ['memory', { memory: '1Gi' }, { memory: '380Mi' }, '1 Insufficient memory (needs 1024 MiB, 380 free)'],
    ['cpu', { cpu: '2500m' }, { cpu: '2' }, '1 Insufficient cpu (needs 2500m, 2000 free)'],
    ['not ready', {}, { ready: false }, '1 node(s) were not ready'],
    ['cordoned', {}, { unschedulable: true }, '1 node(s) were unschedulable'],
    ['selector', { selector: { disk: 'ssd' } }, { labels: { disk: 'hdd' } }, "1 node(s) didn't match Pod's node affinity/selector"],
    ['pod count', {}, { pods: '0' }, '1 Too many pods'],
    ['taint', {}, { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }, '1 node(s) had untolerated taint {k: v}'],
    ['two rules', { cpu: '9' }, { ready: false }, '1 Insufficient cpu (needs 9000m, 4000 free), 1 node(s) were not ready'],
  ])('%s', (_, wanted, machine, text) => {
    const placement = place(demandOf(pod(wanted)), herdOf(node('m1', machine)).machines());
    expect(placement.placed).toBe(false);
    if (!placement.placed) expect(refusalReason(placement.refusals).message).toBe(`0/1 nodes are available: ${text}.`);
  });

  test('a port that another pod holds, by name', () => {
    const herd = herdOf(node('m1'));
    herd.setPod('default/a', pod({ port: 9092 }), 'm1');
    const placement = place(demandOf(pod({ port: 9092 })), herd.machines());
    expect(!placement.placed && refusalReason(placement.refusals).message).toBe(
      "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports (TCP/9092 in use).",
    );
  });

  test('many machines by one rule: with the most that is free anywhere; each machine in params', () => {
    const herd = herdOf(node('m2', { memory: '200Mi' }), node('m1', { memory: '300Mi' }), node('m3', { ready: false }));
    const placement = place(demandOf(pod({ memory: '1Gi' })), herd.machines());
    const why = !placement.placed && refusalReason(placement.refusals);
    expect(why && why.message).toBe(
      '0/3 nodes are available: 1 node(s) were not ready, 2 Insufficient memory (needs 1024 MiB, at most 300 free).',
    );
    expect(why && Object.keys(why.params!['nodes'] as object)).toEqual(['m1', 'm2', 'm3']);
  });

  test('a herd without machines', () => {
    const placement = place(demandOf(pod()), []);
    expect(!placement.placed && refusalReason(placement.refusals).message).toBe('no nodes available to schedule pods');
  });
});

test.each<[string, Record<string, unknown>[], boolean]>([
  ['the same key and value', [{ key: 'k', value: 'v', effect: 'NoSchedule' }], true],
  ['any value', [{ key: 'k', operator: 'Exists' }], true],
  ['everything', [{ operator: 'Exists' }], true],
  ['another value', [{ key: 'k', value: 'w' }], false],
  ['another effect', [{ key: 'k', value: 'v', effect: 'NoExecute' }], false],
])('a toleration of %s', (_, tolerations, placed) => {
  const herd = herdOf(node('m1', { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }));
  expect(place(demandOf(pod({ tolerations })), herd.machines()).placed).toBe(placed);
});

test('the machine with the most left is taken; of equals the first by name', () => {
  const herd = herdOf(node('m3'), node('m1'), node('m2'));
  const taken: string[] = [];
  for (let index = 0; index < 6; index++) {
    const placement = place(demandOf(pod({ memory: '1Gi', cpu: '500m' })), herd.machines());
    if (placement.placed) {
      taken.push(placement.machine);
      herd.setPod(`default/p${index}`, pod({ memory: '1Gi', cpu: '500m' }), placement.machine);
    }
  }
  expect(taken).toEqual(['m1', 'm2', 'm3', 'm1', 'm2', 'm3']);
});

test('pods without requests spread too', () => {
  const herd = herdOf(node('m1'), node('m2'));
  herd.setPod('default/a', pod(), 'm1');
  expect(place(demandOf(pod()), herd.machines())).toEqual({ placed: true, machine: 'm2' });
});

test.each<[string, (herd: Herd) => boolean, boolean]>([
  ['a pod that is gone makes room', (herd) => herd.removePod('default/a'), true],
  ['a pod that has ended makes room', (herd) => herd.setPod('default/a', pod({}, { nodeName: 'm1' }, { phase: 'Succeeded' })), true],
  [
    'a pod that only reports its state does not',
    (herd) => herd.setPod('default/a', pod({}, { nodeName: 'm1' }, { phase: 'Running' })),
    false,
  ],
  ['a heartbeat of a node does not', (herd) => herd.setNode(node('m1')), false],
  ['a node that becomes larger does', (herd) => herd.setNode(node('m1', { cpu: '8' })), true],
  ['a node that is uncordoned does', (herd) => herd.setNode(node('m2', { unschedulable: false })), true],
])('%s', (_, change, expected) => {
  const herd = herdOf(node('m1'), node('m2', { unschedulable: true }));
  herd.setPod('default/a', pod({}, { nodeName: 'm1' }));
  expect(change(herd)).toBe(expected);
});

test('pods that came before their node count once it is there', () => {
  const herd = new Herd();
  herd.setPod('default/a', pod({ cpu: '3' }, { nodeName: 'm1' }));
  herd.setNode(node('m1'));
  expect(place(demandOf(pod({ cpu: '2' })), herd.machines()).placed).toBe(false);
});

describe('never and always, for any herd and any pods', () => {
  const nodeShape = fc.record({
    cpu: fc.integer({ min: 0, max: 8 }).map(String),
    memory: fc.integer({ min: 0, max: 4096 }).map((mib) => `${mib}Mi`),
    pods: fc.integer({ min: 0, max: 6 }).map(String),
    ready: fc.boolean(),
    unschedulable: fc.boolean(),
  });
  const podShape = fc.record(
    {
      cpu: fc.integer({ min: 0, max: 4000 }).map((millis) => `${millis}m`),
      memory: fc.integer({ min: 0, max: 2048 }).map((mib) => `${mib}Mi`),
      port: fc.integer({ min: 9000, max: 9004 }),
    },
    { requiredKeys: [] },
  );

  test('nothing is over-allocated, no port is given twice, closed machines get nothing, refusals list every machine, order does not matter', () => {
    fc.assert(
      fc.property(fc.array(nodeShape, { maxLength: 5 }), fc.array(podShape, { maxLength: 25 }), (nodeShapes, podShapes) => {
        const nodes = nodeShapes.map((shape, index) => node(`m${index}`, shape));
        const herd = herdOf(...nodes);
        const mirror = herdOf(...nodes.toReversed());
        podShapes.forEach((shape, index) => {
          const demand = demandOf(pod(shape));
          const placement = place(demand, herd.machines());
          expect(place(demand, mirror.machines())).toEqual(placement);
          if (placement.placed) {
            herd.setPod(`default/p${index}`, pod(shape), placement.machine);
            mirror.setPod(`default/p${index}`, pod(shape), placement.machine);
          } else {
            expect(placement.refusals.map((refusal) => refusal.machine)).toEqual(nodes.map((each) => each.metadata.name));
            expect(placement.refusals.every((refusal) => refusal.reasons.length > 0)).toBe(true);
          }
        });
        for (const machine of herd.machines()) {
          const { facts, used } = machine;
          expect(used.cpuMillis).toBeLessThanOrEqual(facts.allocatable.cpuMillis);
          expect(used.memoryBytes).toBeLessThanOrEqual(facts.allocatable.memoryBytes);
          expect(machine.podCount).toBeLessThanOrEqual(facts.maxPods);
          expect([...machine.ports.values()].every((holders) => holders === 1)).toBe(true);
          if (!facts.ready || facts.unschedulable) expect(machine.podCount).toBe(0);
        }
      }),
    );
  });

  test('what is taken away is all given back', () => {
    fc.assert(
      fc.property(fc.array(podShape, { maxLength: 20 }), (shapes) => {
        const herd = herdOf(node('m1', { cpu: '1000', memory: '1000Gi', pods: '1000' }));
        shapes.forEach((shape, index) => herd.setPod(`default/p${index}`, pod(shape, { nodeName: 'm1' })));
        shapes.forEach((_, index) => herd.removePod(`default/p${index}`));
        const [machine] = herd.machines();
        expect([machine!.used, machine!.podCount, machine!.ports.size]).toEqual([{ cpuMillis: 0, memoryBytes: 0, storageBytes: 0 }, 0, 0]);
      }),
    );
  });
});
