import { Type, type Static } from 'typebox';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import { secretCauses, secretDefaults } from './data-rules.ts';
import type { Kind } from '../kind.ts';
import { ObjectMeta } from '../resource.ts';

/** v1 Secret; `data` values are base64. */
export const Secret = Type.Object({
  apiVersion: Type.Literal('v1'),
  kind: Type.Literal('Secret'),
  metadata: ObjectMeta,
  type: Type.Optional(Type.String({ default: 'Opaque' })),
  data: Type.Optional(Type.Record(Type.String(), Type.String())),
  stringData: Type.Optional(Type.Record(Type.String(), Type.String())),
  immutable: Type.Optional(Type.Boolean()),
});
export type Secret = Static<typeof Secret>;

export const secretKind: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  shortNames: [],
  categories: [],
  namespaced: true,
  origin: 'builtin',
  schema: Secret,
  hasStatus: false,
  hasGeneration: false,
  columns: [
    nameColumn,
    textColumn('Type', 'What the secret is for.', (secret) => secret.type),
    textColumn('Data', 'How many entries it has.', ({ data }) => Object.keys(data ?? {}).length),
    ageColumn,
  ],
  defaults: secretDefaults,
  invariants: secretCauses,
  selectableFields: (secret) => ({ type: secret.type ?? '' }),
  description: 'Secret data for pods to consume.',
};
