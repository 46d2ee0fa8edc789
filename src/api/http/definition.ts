import { stableUuid } from '../../base/ids.ts';
import type { Column, Kind } from '../../model/kind.ts';
import { resourceName } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import { toOpenApi, type JsonSchema } from './openapi-schema.ts';

/**
 * The CustomResourceDefinition of a kind of ours, complete enough to be created on a real kube-apiserver. `createdAt` is RFC 3339.
 */
export function definitionOf(kind: Kind, createdAt: string): Stored<Resource> {
  const names = {
    plural: kind.plural,
    singular: kind.singular,
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    ...(kind.shortNames && { shortNames: kind.shortNames }),
    ...(kind.categories && { categories: kind.categories }),
  };
  const condition = (type: string, reason: string, message: string): object => ({
    type,
    status: 'True',
    lastTransitionTime: createdAt,
    reason,
    message,
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: resourceName(kind),
      uid: stableUuid(`definition ${resourceName(kind)}`),
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: createdAt,
    },
    spec: {
      group: kind.group,
      names,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      conversion: { strategy: 'None' },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: structuralSchema(kind) },
          ...(kind.hasStatus && { subresources: { status: {} } }),
        },
      ],
    },
    status: {
      acceptedNames: names,
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      storedVersions: [kind.version],
    },
  } as Stored<Resource>;
}

/** The schema of a kind as CustomResourceDefinitions want it: every node has a type, or says that anything goes. */
function structuralSchema(kind: Kind): JsonSchema {
  const schema = toOpenApi(kind.schema as unknown as JsonSchema);
  const { metadata: _metadata, ...properties } = schema['properties'] as Record<string, JsonSchema>;
  return {
    type: 'object',
    description: kind.description,
    required: ((schema['required'] ?? []) as string[]).filter(
      (name) => properties[name] !== undefined && name !== 'apiVersion' && name !== 'kind',
    ),
    properties: {
      ...Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, structural(member)])),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
  };
}

function structural(schema: JsonSchema): JsonSchema {
  if (schema['x-kubernetes-int-or-string'] === true && isIntOrString(schema['anyOf'])) return schema;
  if (schema['type'] === undefined) {
    const { anyOf: _anyOf, 'x-kubernetes-int-or-string': _either, ...rest } = schema;
    return { ...rest, 'x-kubernetes-preserve-unknown-fields': true };
  }
  const { properties, items, additionalProperties, ...rest } = schema as Record<string, JsonSchema>;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, structural(member as JsonSchema)])),
    }),
    ...(items && { items: structural(items) }),
    ...(additionalProperties && { additionalProperties: structural(additionalProperties) }),
  };
}

function isIntOrString(anyOf: unknown): boolean {
  return Array.isArray(anyOf) && (anyOf[0] as JsonSchema)['type'] === 'integer';
}

const text = (name: string, description: string, value: (spec: DefinitionSpec, object: Resource) => string): Column<Resource> => ({
  name,
  type: 'string',
  description,
  value: (object) => value(object.spec as DefinitionSpec, object),
});

interface DefinitionSpec {
  readonly group: string;
  readonly scope: string;
}

/** The kind CustomResourceDefinition: read-only, its objects are derived from the scheme. */
export const definitionKind: Kind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  origin: 'builtin',
  schema: { type: 'object', properties: { spec: { type: 'object' }, status: { type: 'object' } } } as Kind['schema'],
  hasStatus: false,
  hasGeneration: true,
  columns: [
    { ...text('Name', 'Name of the definition', (_spec, object) => object.metadata.name ?? '') },
    { ...text('Group', 'API group', (spec) => spec.group), priority: 1 },
    { ...text('Scope', 'Namespaced or Cluster', (spec) => spec.scope), priority: 1 },
    {
      name: 'Created At',
      type: 'date',
      description: 'When the server that serves it started',
      value: (object) => object.metadata.creationTimestamp ?? '',
    },
  ],
  description: 'How a kind of Drover’s own is called and what it may hold; derived, read-only.',
};
