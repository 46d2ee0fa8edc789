import { Type, type Static } from 'typebox';
import { Condition, ObjectMeta } from '../resource.ts';
import type { Kind } from '../kind.ts';

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
  columns: [],
  description: 'One machine of the herd.',
};
