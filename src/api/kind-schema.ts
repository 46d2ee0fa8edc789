import { Compile } from 'typebox/schema';
import type { FieldCause } from '../base/errors.ts';
import { apiVersionOf, type Kind } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { badRequest } from './faults.ts';
import { check, type TypeMismatch } from './schema/check.ts';
import { compileDefaults } from './schema/defaults.ts';
import { closeSchema, plainSchema } from './schema/node.ts';
import { prune, type UnknownField } from './schema/prune.ts';
import { suggest } from './schema/suggest.ts';
import type { WriteRequest } from './verbs.ts';

/** A body that has been read: pruned, defaulted, and all that its schema says against it. */
export interface Decoded {
  readonly object: Resource;
  readonly causes: readonly FieldCause[];
}

/** The schema of a kind, compiled once: reads bodies of writes. */
export interface KindSchema {
  /**
   * Never changes `body`. Throws `bad-request` for what is no such object at all: not an object, unknown fields under Strict, wrong JSON types in built-in
   * kinds and in metadata.
   */
  decode(body: unknown, request: Pick<WriteRequest, 'fieldValidation' | 'warn'>): Decoded;
}

/** Compiles the schema of a kind (some milliseconds). */
export function compileKindSchema(kind: Kind): KindSchema {
  const schema = plainSchema(kind.schema);
  // The usual body passes this one compiled check; only what does not is walked for reasons.
  const closed = Compile(closeSchema(schema) as object);
  const fill = compileDefaults(schema) ?? ((value) => value);
  const identity = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return {
    decode(body, request) {
      if (typeof body !== 'object' || body === null || Array.isArray(body)) {
        throw badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): it is ${describe(body)}`);
      }
      const whole = withMetadata(identity, body as Record<string, unknown>);
      if (closed.Check(whole)) return { object: fill(whole) as Resource, causes: [] };
      const unknown: UnknownField[] = [];
      const pruned = prune(schema, whole, unknown);
      const metadataMismatch = firstMismatch(kind, schema, pruned);
      if (metadataMismatch) throw unreadable(kind, metadataMismatch);
      report(kind, unknown, request);
      const object = fill(pruned) as Resource;
      if (closed.Check(object)) return { object, causes: [] };
      const { causes } = check(schema, object, kind.origin);
      if (causes.length > 0) return { object, causes };
      const [, errors] = closed.Errors(object);
      return { object, causes: errors.map(asCause) };
    },
  };
}

/** The body with apiVersion and kind, which may be left out, in front. */
function withMetadata(identity: { apiVersion: string; kind: string }, body: Record<string, unknown>): Record<string, unknown> {
  const whole = ['apiVersion', 'kind', 'metadata'].every((name) => body[name] !== undefined && body[name] !== null);
  if (whole) return body;
  return {
    ...body,
    apiVersion: body['apiVersion'] ?? identity.apiVersion,
    kind: body['kind'] ?? identity.kind,
    metadata: body['metadata'] ?? {},
  };
}

function firstMismatch(kind: Kind, schema: Parameters<typeof check>[0], value: unknown): TypeMismatch | undefined {
  const { mismatches } = check(schema, value, kind.origin);
  return mismatches.find(({ path }) => kind.origin === 'builtin' || path === 'metadata' || path.startsWith('metadata.'));
}

function unreadable(kind: Kind, { path, wanted, actual }: TypeMismatch) {
  const goActual = actual === 'integer' ? 'number' : actual === 'boolean' ? 'bool' : actual;
  const fields = path.replaceAll(/\[[^\]]*\]/g, '');
  const first = fields.split('.')[0]!;
  const owner = !fields.includes('.')
    ? kind.kind
    : first === 'metadata'
      ? 'ObjectMeta'
      : `${kind.kind}${first[0]!.toUpperCase()}${first.slice(1)}`;
  const goType = path === 'metadata' ? 'v1.ObjectMeta' : wanted === 'integer' ? 'int64' : wanted === 'boolean' ? 'bool' : wanted;
  const shown = kind.origin === 'crd' ? fields.replace(/^metadata\./, '') : fields;
  return badRequest(
    `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: json: cannot unmarshal ${goActual} into Go struct field ${owner}.${shown} of type ${goType}`,
  );
}

function report(kind: Kind, unknown: readonly UnknownField[], request: Pick<WriteRequest, 'fieldValidation' | 'warn'>): void {
  const mode = request.fieldValidation ?? 'Strict';
  if (unknown.length === 0 || mode === 'Ignore') return;
  const texts = unknown.map((field) => `unknown field "${field.path}"${hint(kind, field)}`);
  if (mode === 'Strict') {
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${texts.join(', ')}`,
    );
  }
  for (const text of texts) request.warn?.(text);
}

/** Kubernetes' texts for its own kinds are fixed; for ours a hint helps. */
function hint(kind: Kind, { name, known }: UnknownField): string {
  const meant = kind.origin === 'crd' ? suggest(name, known) : undefined;
  return meant === undefined ? '' : ` (did you mean "${meant}"?)`;
}

function asCause(error: { instancePath: string; message: string }): FieldCause {
  const field = error.instancePath
    .replaceAll(/\/([0-9]+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
    .replace(/^\./, '');
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${error.message}` };
}

function describe(body: unknown): string {
  if (body === null) return 'null';
  return Array.isArray(body) ? 'a list' : `a ${typeof body}`;
}
