import { apiVersionOf, type Kind } from '../../model/kind.ts';
import type { Resource, Stored } from '../../model/resource.ts';
import type { ListAnswer } from '../verbs.ts';
import type { Representation } from './negotiate.ts';
import { tableOf, type IncludeObject } from './table.ts';

/** What rendering needs to know besides the objects. */
export interface RenderOptions {
  readonly as: Representation['as'];
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** One object as the client wants it. */
export function renderObject(kind: Kind, object: Stored<Resource>, options: RenderOptions): object {
  switch (options.as) {
    case 'object':
      return object;
    case 'metadata':
      return partial(object);
    case 'table':
      return tableOf(kind, [object], { resourceVersion: object.metadata.resourceVersion }, options);
  }
}

/** A list as the client wants it. */
export function renderList(kind: Kind, answer: ListAnswer, options: RenderOptions): object {
  const { items, ...rest } = answer;
  const metadata = {
    resourceVersion: rest.resourceVersion,
    ...(rest.continue !== undefined && { continue: rest.continue }),
    ...(rest.remainingItemCount !== undefined && { remainingItemCount: rest.remainingItemCount }),
  };
  switch (options.as) {
    case 'object':
      return { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata, items: kind.origin === 'crd' ? items : items.map(bare) };
    case 'metadata':
      return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partial) };
    case 'table':
      return tableOf(kind, items, metadata, options);
  }
}

/** Built-in lists do not repeat kind and apiVersion in each item. */
function bare(object: Stored<Resource>): object {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

function partial(object: Stored<Resource>): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
