import { isUtf8 } from 'node:buffer';
import { DroverError } from '../../base/errors.ts';
import type { Kind } from '../../model/kind.ts';
import { decodeProtobuf, PROTOBUF } from './protobuf/decode.ts';
import { parseMediaType } from './media-type.ts';
import { MAX_NESTING, scanJson } from './json-scan.ts';

/** A request body as data, and the members it names twice. */
export interface ParsedBody {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

const OBJECT_TYPES = ['application/json', 'application/yaml'] as const;

/** Media types of request bodies that hold a whole object. */
export function objectTypes(kind: Kind): readonly string[] {
  return kind.origin === 'builtin' ? [...OBJECT_TYPES, PROTOBUF] : OBJECT_TYPES;
}

/**
 * Parses a body of one of the types `accepted` (absent Content-Type: the first of them). Throws `unsupported-media-type`, and `bad-request` for
 * what is not valid, nested too deeply, or not UTF-8.
 */
export async function parseBody(bytes: Buffer, contentType: string | undefined, accepted: readonly string[]): Promise<ParsedBody> {
  const type = contentType ? parseMediaType(contentType).name : (accepted[0] ?? '');
  if (!accepted.includes(type)) {
    const list = accepted.join(', ');
    throw new DroverError(
      'unsupported-media-type',
      `the body of the request was in an unknown format - accepted media types include: ${list}`,
    );
  }
  if (type === PROTOBUF) return { value: decodeProtobuf(bytes), duplicates: [] };
  if (!isUtf8(bytes)) throw new DroverError('bad-request', 'the body of the request is not valid UTF-8');
  return type.endsWith('yaml') ? parseYaml(bytes.toString('utf8')) : parseJson(bytes.toString('utf8'));
}

/** Handles duplicates as `fieldValidation` asks: Strict refuses (`bad-request`), Warn warns, Ignore takes the last one. */
export function judgeDuplicates(
  body: ParsedBody,
  kind: Kind,
  mode: 'Strict' | 'Warn' | 'Ignore' | undefined,
  warn: (text: string) => void,
): void {
  if (body.duplicates.length === 0 || mode === 'Ignore') return;
  const texts = body.duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`);
  if (mode !== 'Strict') return texts.forEach(warn);
  const what = `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}`;
  throw new DroverError('bad-request', `${what}: strict decoding error: ${texts.join(', ')}`);
}

function parseJson(text: string): ParsedBody {
  const { duplicates, refusal } = scanJson(text);
  if (refusal !== undefined) throw new DroverError('bad-request', `the body of the request is refused: ${refusal}`);
  try {
    return { value: JSON.parse(text), duplicates };
  } catch (error) {
    throw new DroverError('bad-request', `the body of the request is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** YAML is parsed much slower than JSON, and nobody writes as much by hand: more would hold up everybody else. */
export const YAML_LIMIT_BYTES = 256 * 1024;

/** A level of YAML takes at least one of these characters, so they bound the depth. */
function mayBeTooDeep(text: string): boolean {
  return (text.match(/[[{?-]/g)?.length ?? 0) > 20_000;
}

async function parseYaml(text: string): Promise<ParsedBody> {
  if (Buffer.byteLength(text) > YAML_LIMIT_BYTES) {
    throw new DroverError('too-large', `Request entity too large: limit for YAML is ${YAML_LIMIT_BYTES}, send JSON`, { about: {} });
  }
  if (mayBeTooDeep(text))
    throw new DroverError('bad-request', 'the body of the request is refused: too many collections for YAML, send JSON');
  const { parseAllDocuments, isMap, isScalar } = await import('yaml');
  let value: unknown;
  const duplicates: string[] = [];
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false, logLevel: 'silent' });
    const document = documents[0];
    if (documents.length > 1) throw new DroverError('bad-request', 'the body of the request holds more than one YAML document');
    if (!document || !('contents' in document)) return { value: undefined, duplicates };
    if (document.errors[0]) throw document.errors[0];
    const walk = (node: unknown, path: string): void => {
      if (isMap(node)) {
        const seen = new Set<string>();
        for (const { key, value: member } of node.items) {
          const name = String(isScalar(key) ? key.value : key);
          const here = path === '' ? name : `${path}.${name}`;
          if (seen.has(name) && duplicates.length < 100) duplicates.push(here);
          seen.add(name);
          walk(member, here);
        }
      } else if (node !== null && typeof node === 'object' && 'items' in node && Array.isArray(node.items)) {
        node.items.forEach((item, index) => walk(item, `${path}[${index}]`));
      }
    };
    walk(document.contents, '');
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof DroverError) throw error;
    throw new DroverError('bad-request', `the body of the request is not valid YAML: ${(error as Error).message.split('\n')[0]}`, {
      cause: error,
    });
  }
  const refusal = refusalOf(value, 0);
  if (refusal !== undefined) throw new DroverError('bad-request', `the body of the request is refused: ${refusal}`);
  return { value, duplicates };
}

/** The rules of {@link scanJson} for data that did not come as JSON. */
function refusalOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number in it is out of range';
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_NESTING) return `it is nested deeper than ${MAX_NESTING} levels`;
  if (Object.hasOwn(value, '__proto__')) return 'a field must not be named "__proto__"';
  for (const member of Object.values(value)) {
    const refusal = refusalOf(member, depth + 1);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
