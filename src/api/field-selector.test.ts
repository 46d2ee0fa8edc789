import { describe, expect, test } from 'vitest';
import { configMapKind } from '../model/core/config-map.ts';
import { podKind } from '../model/core/pod.ts';
import { managedServiceKind } from '../model/drover/managed-service.ts';
import type { Kind } from '../model/kind.ts';
import { parseFieldSelector } from './field-selector.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'kafka-0', namespace: 'prod' },
  spec: { nodeName: 'm1', containers: [] },
  status: { phase: 'Running' },
};

describe('selects', () => {
  test.each([
    ['metadata.name=kafka-0', true],
    ['metadata.name==kafka-1', false],
    ['metadata.namespace=prod,spec.nodeName=m1', true],
    ['spec.nodeName!=m1', false],
    ['status.phase!=Pending', true],
    ['status.podIP=', true],
    ['', true],
  ])('%s -> %s', (text, expected) => {
    expect(parseFieldSelector(podKind as Kind, text)?.matches(pod) ?? true).toBe(expected);
  });

  test('it tells the one name that it asks for', () => {
    expect(parseFieldSelector(podKind as Kind, 'status.phase=Running,metadata.name=x')!.name).toBe('x');
    expect(parseFieldSelector(podKind as Kind, 'metadata.name!=x')!.name).toBeUndefined();
  });
});

describe('refuses', () => {
  test.each([
    [podKind, 'spec.foo=x', 'field label not supported: spec.foo'],
    [podKind, 'spec.foo', "invalid selector: 'spec.foo'; can't understand 'spec.foo'"],
    [configMapKind, 'data=x', 'field label not supported: data'],
    [managedServiceKind, 'spec.x=1', 'field label not supported: spec.x; supported are metadata.name, metadata.namespace'],
  ])('$1.kind %s', (kind, text, message) => {
    expect(() => parseFieldSelector(kind as unknown as Kind, text)).toThrow(message);
  });
});
