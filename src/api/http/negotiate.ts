import { DroverError } from '../../base/errors.ts';
import { parseAccept, type MediaType } from './media-type.ts';

/** How an answer is written, and what it is turned into first. */
export interface Representation {
  readonly format: 'json' | 'yaml';
  readonly as: 'object' | 'table' | 'metadata';
}

/** What an answer can be, as the last words of a 406. */
const OFFERED = 'application/json, application/yaml';
const FORMATS: Readonly<Record<string, Representation['format']>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

/**
 * Chooses from an Accept header what kube-apiserver would among JSON, YAML, Table and PartialObjectMetadata; `list` says which of the two
 * PartialObjectMetadata names fits. Throws `not-acceptable` (protobuf and CBOR alone, for instance).
 */
export function negotiate(accept: string | undefined, list: boolean): Representation {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return { format: 'json', as: 'object' };
  for (const type of parseAccept(accept)) {
    const format = FORMATS[type.name];
    const as = format && transformOf(type, list);
    if (format && as) return { format, as };
  }
  throw new DroverError('not-acceptable', `406: Not Acceptable\n\nAvailable representations: ${OFFERED}`, { about: {} });
}

function transformOf(type: MediaType, list: boolean): Representation['as'] | undefined {
  const { as, g, v } = type.parameters;
  if (as === undefined) return 'object';
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  if (as === 'Table') return 'table';
  return as === (list ? 'PartialObjectMetadataList' : 'PartialObjectMetadata') ? 'metadata' : undefined;
}
