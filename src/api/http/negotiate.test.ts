import { describe, expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';

describe('negotiate', () => {
  const chosen: readonly (readonly [string, string | undefined, boolean, string, string])[] = [
    ['nothing asked for is JSON', undefined, false, 'json', 'object'],
    ['anything is JSON', '*/*', true, 'json', 'object'],
    ['what kubectl asks for is a table', 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json', true, 'json', 'table'],
    ['protobuf is passed over for JSON', 'application/vnd.kubernetes.protobuf,application/json', false, 'json', 'object'],
    ['metadata of one object', 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', false, 'json', 'metadata'],
    ['metadata of a list', 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', true, 'json', 'metadata'],
    ['what does not fit is passed over', 'application/json;as=Other;v=v1;g=meta.k8s.io,application/yaml', false, 'yaml', 'object'],
    ['the better quality wins', 'application/yaml;q=0.2,application/json;q=0.9', false, 'json', 'object'],
  ];
  for (const [sentence, accept, list, format, as] of chosen) {
    it(sentence, () => expect(negotiate(accept, list)).toEqual({ format, as }));
  }

  it('refuses what it cannot write', () => {
    for (const accept of [
      'application/vnd.kubernetes.protobuf',
      'text/html',
      'application/json;q=0',
      'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    ]) {
      expect(() => negotiate(accept, false)).toThrow(expect.objectContaining({ code: 'not-acceptable' }));
    }
  });
});
