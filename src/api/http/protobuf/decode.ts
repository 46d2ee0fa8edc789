import { isUtf8 } from 'node:buffer';
import { DroverError } from '../../../base/errors.ts';
import { MESSAGES } from './messages.ts';
import { malformed, wireFields, type WireField } from './wire.ts';

/** The media type that client-go's generated clients send, whatever the server says it takes. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const MAGIC = Buffer.from('k8s\0', 'latin1');
const MAX_DEPTH = 50;

/**
 * The object in a body of type {@link PROTOBUF}, as JSON would have it: built-in kinds and DeleteOptions only. Fields that Go would leave out of JSON are
 * left out. Throws `bad-request`.
 */
export function decodeProtobuf(bytes: Buffer): Record<string, unknown> {
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw malformed();
  let kind = '';
  let apiVersion = '';
  let raw: Buffer = Buffer.alloc(0);
  for (const field of wireFields(bytes.subarray(4))) {
    if (field.type !== 'bytes') continue;
    if (field.number === 2) raw = field.value;
    if (field.number !== 1) continue;
    for (const inner of wireFields(field.value)) {
      if (inner.number === 1) apiVersion = textOf(inner);
      if (inner.number === 2) kind = textOf(inner);
    }
  }
  if (!Object.hasOwn(MESSAGES, kind))
    throw new DroverError('bad-request', `protobuf is taken of built-in kinds only, not of ${JSON.stringify(kind)}: send JSON`);
  return { apiVersion, kind, ...message(kind, raw, 0) };
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  /** Its zero value is told apart from its absence. */
  readonly keepsZero: boolean;
}

const parsed = new Map<string, ReadonlyMap<number, Field>>();

function fieldsOf(name: string): ReadonlyMap<number, Field> {
  const known = parsed.get(name);
  if (known) return known;
  const fields = new Map<number, Field>();
  for (const text of (MESSAGES[name] ?? '').split(', ').filter((part) => part !== '')) {
    const [number, label, type] = text.split(' ') as [string, string, string];
    fields.set(Number(number), {
      name: label,
      type: type.replace(/^(\[\]|map:)/, '').replace(/!$/, ''),
      repeated: type.startsWith('[]'),
      map: type.startsWith('map:'),
      keepsZero: type.endsWith('!'),
    });
  }
  parsed.set(name, fields);
  return fields;
}

function message(name: string, bytes: Buffer, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw malformed();
  const fields = fieldsOf(name);
  // No prototype, since map keys are the sender's.
  const out = Object.create(null) as Record<string, unknown>;
  for (const wire of wireFields(bytes)) {
    const field = fields.get(wire.number);
    if (!field) continue;
    if (field.map) {
      const [key, value] = entry(field.type, wire, depth);
      out[field.name] = Object.assign((out[field.name] as object | undefined) ?? {}, { [key]: value });
      continue;
    }
    const value = valueOf(field.type, wire, depth);
    if (field.repeated) {
      ((out[field.name] ??= []) as unknown[]).push(value);
    } else if (field.name === '...') {
      Object.assign(out, value);
    } else if (value !== undefined && (field.keepsZero || !isZero(value))) {
      out[field.name] = value;
    }
  }
  return { ...out };
}

function entry(type: string, wire: WireField, depth: number): [string, unknown] {
  if (wire.type !== 'bytes') throw malformed();
  let key = '';
  let value: unknown = type === 'string' || type === 'bytes' ? '' : undefined;
  for (const inner of wireFields(wire.value)) {
    if (inner.number === 1) key = textOf(inner);
    if (inner.number === 2) value = valueOf(type, inner, depth);
  }
  if (key === '__proto__')
    throw new DroverError('bad-request', 'the body of the request is refused: a field must not be named "__proto__"');
  return [key, value];
}

function valueOf(type: string, wire: WireField, depth: number): unknown {
  switch (type) {
    case 'string':
      return textOf(wire);
    case 'bytes':
      return bytesOf(wire).toString('base64');
    case 'bool':
      return integerOf(wire) !== 0;
    case 'int':
      return integerOf(wire);
    case 'Quantity':
      return textOf([...wireFields(bytesOf(wire))].find((inner) => inner.number === 1));
    case 'Time':
      return timeOf(bytesOf(wire));
    case 'IntOrString': {
      const inner = new Map([...wireFields(bytesOf(wire))].map((one) => [one.number, one]));
      return integerOf(inner.get(1)) === 1 ? textOf(inner.get(3)) : integerOf(inner.get(2));
    }
    default:
      return message(type, bytesOf(wire), depth + 1);
  }
}

/** RFC 3339; undefined for Go's zero time. */
function timeOf(bytes: Buffer): string | undefined {
  const inner = new Map([...wireFields(bytes)].map((one) => [one.number, one]));
  if (inner.size === 0) return undefined;
  const date = new Date(integerOf(inner.get(1)) * 1000);
  if (Number.isNaN(date.getTime())) throw malformed();
  const micros = Math.floor(integerOf(inner.get(2)) / 1000);
  return `${date.toISOString().slice(0, 19)}${micros > 0 ? `.${String(micros).padStart(6, '0')}` : ''}Z`;
}

function textOf(wire: WireField | undefined): string {
  const bytes = bytesOf(wire);
  if (!isUtf8(bytes)) throw malformed();
  return bytes.toString('utf8');
}

function bytesOf(wire: WireField | undefined): Buffer {
  if (wire === undefined) return Buffer.alloc(0);
  if (wire.type !== 'bytes') throw malformed();
  return wire.value;
}

function integerOf(wire: WireField | undefined): number {
  if (wire === undefined) return 0;
  if (wire.type !== 'varint') throw malformed();
  return Number(BigInt.asIntN(64, wire.value));
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
