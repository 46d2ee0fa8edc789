import { Type, type Static } from 'typebox';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { configMapCauses } from './data-rules.ts';
import type { Kind } from '../kind.ts';
import { ObjectMeta } from '../resource.ts';

/** v1 ConfigMap. */
export const ConfigMap = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('ConfigMap'),
  metadata: ObjectMeta,
  data: Type.Optional(Type.Record(Type.String(), Type.String())),
  binaryData: Type.Optional(Type.Record(Type.String(), Type.String())),
  immutable: Type.Optional(Type.Boolean()),
});
export type ConfigMap = Static<typeof ConfigMap>;

export const configMapKind: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  categories: [],
  namespaced: true,
  origin: 'builtin',
  schema: ConfigMap,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    textColumn('Data', 'How many entries it has.', ({ data, binaryData }) => Object.keys({ ...binaryData, ...data }).length),
    ageColumn,
  ],
  invariants: configMapCauses,
  description: 'Configuration data for pods to consume.',
};
