import type { Column, Kind } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';

/** What each row carries beside its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The `includeObject` of a query string; absent: Metadata. */
export function includeObject(text: string | null): IncludeObject {
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}

/** `meta.k8s.io/v1` Table of `objects`. Without `columns` (later events of a watch) the column definitions are left out. */
export function tableOf(
  kind: Kind,
  objects: readonly Stored<Resource>[],
  metadata: object,
  options: { readonly includeObject: IncludeObject; readonly nowMs: number; readonly columns?: boolean },
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.columns === false ? null : kind.columns.map(definition),
    rows: objects.map((object) => ({
      cells: kind.columns.map((column) => column.value(object, options.nowMs)),
      object: rowObject(object, options.includeObject),
    })),
  };
}

function definition(column: Column<Resource>): object {
  return {
    name: column.name,
    type: column.type,
    format: column.name === 'Name' ? 'name' : '',
    description: column.description,
    priority: column.priority ?? 0,
  };
}

function rowObject(object: Stored<Resource>, include: IncludeObject): object | null {
  switch (include) {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
  }
}
