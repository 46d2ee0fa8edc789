import { DroverError } from '../../../base/errors.ts';

/** One field of a protobuf message as it stands on the wire. */
export type WireField =
  | { readonly number: number; readonly type: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly type: 'bytes'; readonly value: Buffer }
  | { readonly number: number; readonly type: 'fixed' };

/** The fields of a message in order. Throws `bad-request` for what is no protobuf. */
export function* wireFields(bytes: Buffer): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed();
  };
  const skip = (length: number): void => {
    at += length;
    if (at > bytes.length) throw malformed();
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Number(key >> 3n);
    switch (Number(key & 7n)) {
      case 0:
        yield { number, type: 'varint', value: varint() };
        break;
      case 1:
        skip(8);
        yield { number, type: 'fixed' };
        break;
      case 2: {
        const length = varint();
        if (length > BigInt(bytes.length - at)) throw malformed();
        const start = at;
        skip(Number(length));
        yield { number, type: 'bytes', value: bytes.subarray(start, at) };
        break;
      }
      case 5:
        skip(4);
        yield { number, type: 'fixed' };
        break;
      default:
        throw malformed();
    }
  }
}

/** 400: the body does not hold what its Content-Type says. */
export function malformed(): DroverError {
  return new DroverError('bad-request', 'the body of the request is not valid protobuf');
}
