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
      ...(options.includeObject === 'Object' && { object }),
      ...(options.includeObject === 'Metadata' && {
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      }),
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
