import { Type, type Static } from 'typebox';
import { Condition, ObjectMeta } from '../resource.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Column, Kind } from '../kind.ts';

const Quantity = Type.Union([Type.String(), Type.Number()]);

/** v1 Node: one machine of the herd. Status is written by its agent. */
export const Node = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('Node'),
  metadata: ObjectMeta,
  spec: Type.Optional(
    Type.Object({
      unschedulable: Type.Optional(Type.Boolean()),
      podCIDR: Type.Optional(Type.String()),
      providerID: Type.Optional(Type.String()),
      taints: Type.Optional(
        Type.Array(
          Type.Object({
            key: Type.String(),
            value: Type.Optional(Type.String()),
            effect: Type.String(),
            timeAdded: Type.Optional(Type.String()),
          }),
        ),
      ),
    }),
  ),
  status: Type.Optional(
    Type.Object({
      capacity: Type.Optional(Type.Record(Type.String(), Quantity)),
      allocatable: Type.Optional(Type.Record(Type.String(), Quantity)),
      conditions: Type.Optional(Type.Array(Condition)),
      addresses: Type.Optional(Type.Array(Type.Object({ type: Type.String(), address: Type.String() }))),
      nodeInfo: Type.Optional(Type.Record(Type.String(), Type.String())),
      phase: Type.Optional(Type.String()),
    }),
  ),
});
export type Node = Static<typeof Node>;

const columns: readonly Column<Node>[] = [
  nameColumn,
  textColumn('Status', 'The status of the node.', statusText),
  textColumn('Roles', 'The roles of the node.', (node) => roles(node).join(',') || '<none>'),
  ageColumn,
  textColumn('Version', 'The version of its agent.', (node) => node.status?.nodeInfo?.['kubeletVersion']),
  textColumn('Internal-IP', 'Where other machines reach it.', (node) => address(node, 'InternalIP'), { priority: 1 }),
  textColumn('External-IP', 'Where clients reach it.', (node) => address(node, 'ExternalIP'), { priority: 1 }),
  textColumn('OS-Image', 'Its operating system.', (node) => info(node, 'osImage'), { priority: 1 }),
  textColumn('Kernel-Version', 'Its kernel.', (node) => info(node, 'kernelVersion'), { priority: 1 }),
  textColumn('Container-Runtime', 'What runs its tasks.', (node) => info(node, 'containerRuntimeVersion'), { priority: 1 }),
];

export const nodeKind: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  categories: [],
  namespaced: false,
  origin: 'builtin',
  schema: Node,
  hasStatus: true,
  hasGeneration: false,
  columns,
  keepsStatusOnCreate: true,
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  description: 'One machine of the herd.',
};

function statusText(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const text = ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown';
  return node.spec?.unschedulable ? `${text},SchedulingDisabled` : text;
}

function roles(node: Node): string[] {
  const prefix = 'node-role.kubernetes.io/';
  const labels = Object.keys(node.metadata.labels ?? {}).filter((label) => label.startsWith(prefix));
  return labels.map((label) => label.slice(prefix.length)).sort();
}

function address(node: Node, type: string): string {
  return node.status?.addresses?.find((entry) => entry.type === type)?.address ?? '<none>';
}

function info(node: Node, name: string): string {
  return node.status?.nodeInfo?.[name] || '<unknown>';
}
