import { Type, type Static } from 'typebox';
import { ObjectMeta } from '../resource.ts';
import { duplicates, unknownName } from '../causes.ts';
import { ageColumn, nameColumn, textColumn } from '../columns.ts';
import type { Kind } from '../kind.ts';

/** What a version of a package is made of, by driver. A task's `image: kafka:4.3.0` names package and version. */
export const PackageVersion = Type.Object({
  version: Type.String({ minLength: 1 }),
  process: Type.Optional(
    Type.Object({
      maven: Type.Array(Type.String({ description: 'groupId:artifactId:version; all transitive jars land in <package dir>/libs.' })),
      requires: Type.Array(
        Type.Object({
          program: Type.Enum(['java', 'mvn']),
          minVersion: Type.Optional(Type.Integer()),
          apt: Type.String({ description: 'Debian package that brings it; several, best first, with | between.' }),
        }),
      ),
    }),
  ),
  container: Type.Optional(Type.Object({ image: Type.String() })),
});
export type PackageVersion = Static<typeof PackageVersion>;

/** A catalogue entry, cluster-wide. */
export const Package = Type.Object({
  apiVersion: Type.Literal('drover.dev/v1alpha1'),
  kind: Type.Literal('Package'),
  metadata: ObjectMeta,
  spec: Type.Object({
    description: Type.String(),
    kinds: Type.Array(Type.String()),
    defaultVersion: Type.String(),
    versions: Type.Array(PackageVersion, { minItems: 1 }),
  }),
});
export type Package = Static<typeof Package>;

export const packageKind: Kind<Package> = {
  group: 'drover.dev',
  version: 'v1alpha1',
  kind: 'Package',
  plural: 'packages',
  singular: 'package',
  shortNames: ['pkg'],
  categories: ['drover'],
  namespaced: false,
  origin: 'crd',
  schema: Package,
  hasStatus: false,
  hasGeneration: true,
  columns: [
    nameColumn,
    textColumn('Default', 'The version that a service gets when it names none.', ({ spec }) => spec.defaultVersion, {
      jsonPath: '.spec.defaultVersion',
    }),
    textColumn('Versions', 'All versions.', ({ spec }) => spec.versions.map(({ version }) => version).join(',')),
    ageColumn,
  ],
  invariants({ spec }) {
    const versions = spec.versions.map(({ version }) => version);
    return [
      ...duplicates(versions.map((version, index) => ({ field: `spec.versions[${index}].version`, value: version }))),
      ...(versions.includes(spec.defaultVersion) ? [] : [unknownName('spec.defaultVersion', spec.defaultVersion, versions)]),
    ];
  },
  description: 'A catalogue entry: versions of a system and what each is made of.',
};
