import { Type, type Static } from 'typebox';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { ObjectMeta } from '../resource.ts';

/** coordination.k8s.io/v1 Lease: heartbeats of agents (namespace kube-node-lease) and leadership. */
export const Lease = Type.Object({
  apiVersion: Type.Literal('coordination.k8s.io/v1'),
  kind: Type.Literal('Lease'),
  metadata: ObjectMeta,
  spec: Type.Optional(
    Type.Object({
      holderIdentity: Type.Optional(Type.String()),
      leaseDurationSeconds: Type.Optional(Type.Integer()),
      acquireTime: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
      renewTime: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
      leaseTransitions: Type.Optional(Type.Integer()),
      strategy: Type.Optional(Type.String()),
      preferredHolder: Type.Optional(Type.String()),
    }),
  ),
});
export type Lease = Static<typeof Lease>;

export const leaseKind: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  shortNames: [],
  categories: [],
  namespaced: true,
  origin: 'builtin',
  schema: Lease,
  hasStatus: false,
  hasGeneration: false,
  columns: [nameColumn, textColumn('Holder', 'Who holds the lease.', (lease) => lease.spec?.holderIdentity), ageColumn],
  description: 'A heartbeat or a leadership.',
};
