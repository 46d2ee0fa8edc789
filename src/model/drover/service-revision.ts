import { Type, type Static } from 'typebox';
import { ObjectMeta } from '../resource.ts';
import { ManagedServiceSpec } from './managed-service.ts';
import { immutableSpec } from '../causes.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';
import { sameJson } from '../same-json.ts';

/** One accepted configuration of a service, immutable; named `<service>-<number>`, owned by the ManagedService. */
export const ServiceRevision = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('ServiceRevision'),
  metadata: ObjectMeta,
  spec: Type.Object({
    service: Type.String(),
    number: Type.Integer({ minimum: 1 }),
    hash: Type.String({ description: 'Hash of `template`.' }),
    podHashes: Type.Record(Type.String(), Type.String(), {
      description:
        'Pod type -> hash of all that a running pod of it depends on (not count): pods whose hash differs are touched by a deploy.',
    }),
    template: ManagedServiceSpec,
    serviceGeneration: Type.Integer(),
  }),
});
export type ServiceRevision = Static<typeof ServiceRevision>;

export const serviceRevisionKind: Kind<ServiceRevision> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'ServiceRevision',
  plural: 'servicerevisions',
  singular: 'servicerevision',
  shortNames: ['srev'],
  categories: ['drover'],
  namespaced: true,
  origin: 'crd',
  schema: ServiceRevision,
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn('Service', 'The service that it is a configuration of.', ({ spec }) => spec.service, { jsonPath: '.spec.service' }),
    textColumn('Number', 'Counts the accepted configurations of the service.', ({ spec }) => spec.number, { jsonPath: '.spec.number' }),
    textColumn('Hash', 'Hash of what it says.', ({ spec }) => spec.hash, { jsonPath: '.spec.hash' }),
    ageColumn,
  ],
  invariants: (revision, old) => immutableSpec(!old || sameJson(revision.spec, old.spec)),
  selectableFields: (revision) => ({ 'spec.service': revision.spec?.service ?? '' }),
  description: 'One accepted configuration of a service, immutable.',
};
