import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DroverError } from '../../../base/errors.ts';
import { decodeProtobuf } from './decode.ts';

/** What `kubectl create configmap b --from-literal=k=w` of 1.34 sent. */
const CONFIG_MAP = Buffer.from(
  '6b3873000a0f0a02763112 09436f6e6669674d6170 121b0a110a01621200 1a00220 02a0032003800420012060a016b1201771a002200'.replaceAll(' ', ''),
  'hex',
);

function field(number: number, value: Buffer | string | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, ...varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

function envelope(kind: string, raw: Buffer, apiVersion = 'v1'): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])), field(2, raw)]);
}

describe('decodeProtobuf', () => {
  it('reads what kubectl sends, without Go’s empty fields', () => {
    expect(decodeProtobuf(CONFIG_MAP)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' }, data: { k: 'w' } });
  });

  it('keeps a zero where it means something', () => {
    expect(decodeProtobuf(envelope('DeleteOptions', Buffer.concat([field(1, 0), field(5, 'All')])))).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    });
  });

  it('reads times, bytes and members that stand in their parent', () => {
    const renewed = Buffer.concat([field(1, 1_767_225_600), field(2, 123_456_000)]);
    expect(decodeProtobuf(envelope('Lease', field(2, field(4, renewed)), 'coordination.k8s.io/v1'))).toMatchObject({
      spec: { renewTime: '2026-01-01T00:00:00.123456Z' },
    });
    const entry = Buffer.concat([field(1, 'p'), field(2, 'q')]);
    expect(decodeProtobuf(envelope('Secret', field(2, entry)))).toMatchObject({ data: { p: 'cQ==' } });
    const volume = Buffer.concat([field(1, 'data'), field(2, field(2, Buffer.alloc(0)))]);
    expect(decodeProtobuf(envelope('Pod', field(2, field(1, volume))))).toMatchObject({
      spec: { volumes: [{ name: 'data', emptyDir: {} }] },
    });
  });

  it('refuses kinds that are not built in, and keys that would change prototypes', () => {
    expect(() => decodeProtobuf(envelope('Kafka', Buffer.alloc(0)))).toThrow(/built-in kinds only/);
    expect(() => decodeProtobuf(envelope('constructor', Buffer.alloc(0)))).toThrow(/built-in kinds only/);
    expect(() => decodeProtobuf(envelope('ConfigMap', field(2, field(1, '__proto__'))))).toThrow(/__proto__/);
  });

  it('never fails otherwise than with 400, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom('Pod', 'Node', 'Event', 'Lease', 'DeleteOptions'), fc.uint8Array({ maxLength: 60 }), (kind, bytes) => {
        try {
          decodeProtobuf(envelope(kind, Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(DroverError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
