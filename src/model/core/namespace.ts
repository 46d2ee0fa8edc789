import { Type, type Static } from 'typebox';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { Condition, ObjectMeta } from '../resource.ts';

/** v1 Namespace. */
export const Namespace = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('Namespace'),
  metadata: ObjectMeta,
  spec: Type.Optional(Type.Object({ finalizers: Type.Optional(Type.Array(Type.String())) })),
  status: Type.Optional(
    Type.Object({ phase: Type.Optional(Type.Enum(['Active', 'Terminating'])), conditions: Type.Optional(Type.Array(Condition)) }),
  ),
});
export type Namespace = Static<typeof Namespace>;

export const namespaceKind: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  categories: [],
  namespaced: false,
  origin: 'builtin',
  schema: Namespace,
  hasStatus: true,
  hasGeneration: false,
  columns: [nameColumn, textColumn('Status', 'The status of the namespace.', (namespace) => namespace.status?.phase), ageColumn],
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
  description: 'A room for names.',
};
