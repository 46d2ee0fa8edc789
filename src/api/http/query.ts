import { DroverError, type FieldCause } from '../../base/errors.ts';
import type { DeleteRequest, ListRequest, WriteRequest } from '../verbs.ts';

/** A boolean of the query string as kube-apiserver reads it: present and neither `false` nor `0`. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value.toLowerCase() !== 'false' && value !== '0';
}

/** A whole number of the query string; undefined when absent or empty. Throws `bad-request`. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null || value === '') return undefined;
  if (!/^[+-]?\d{1,15}$/.test(value)) {
    throw new DroverError('bad-request', `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

/** The list options of a request. Throws `bad-request`. */
export function listRequest(query: URLSearchParams, namespace: string | undefined): ListRequest {
  const limit = integer(query, 'limit');
  if (limit !== undefined && limit < 0) throw new DroverError('bad-request', 'limit must not be negative');
  return {
    ...(namespace !== undefined && { namespace }),
    ...texts(query, ['labelSelector', 'fieldSelector', 'continue', 'resourceVersion', 'resourceVersionMatch']),
    ...(limit !== undefined && limit > 0 && { limit }),
  };
}

/** The members of `names` that the query string has, when not empty. */
export function texts<K extends string>(query: URLSearchParams, names: readonly K[]): { [key in K]?: string } {
  const found: { [key in K]?: string } = {};
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== '') found[name] = value;
  }
  return found;
}

/** Which of kube-apiserver's option kinds a complaint names. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions';

/** The write options of a request. Throws `invalid` as kube-apiserver does for values it does not know. */
export function writeOptions(query: URLSearchParams, kind: OptionsKind): Pick<WriteRequest, 'dryRun' | 'fieldValidation' | 'fieldManager'> {
  const causes: FieldCause[] = [...dryRunCauses(query.getAll('dryRun'))];
  const fieldManager = query.get('fieldManager');
  if (fieldManager !== null && fieldManager.length > 128) {
    causes.push({ field: 'fieldManager', reason: 'FieldValueTooLong', message: 'Too long: may not be more than 128 bytes' });
  }
  const fieldValidation = query.get('fieldValidation') || 'Warn';
  if (fieldValidation !== 'Strict' && fieldValidation !== 'Warn' && fieldValidation !== 'Ignore') {
    causes.push(notSupported('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn']));
    throw invalidOptions(kind, causes);
  }
  if (causes.length > 0) throw invalidOptions(kind, causes);
  return { dryRun: query.getAll('dryRun').includes('All'), fieldValidation, ...(fieldManager && { fieldManager }) };
}

/** DeleteOptions of the body over those of the query string, checked. Throws `bad-request`, `invalid`. */
export function deleteRequest(query: URLSearchParams, body: unknown, actor: string): DeleteRequest {
  const options = bodyOptions(body);
  const dryRun = options.dryRun ?? query.getAll('dryRun').filter((value) => value !== '');
  const grace = options.gracePeriodSeconds ?? integer(query, 'gracePeriodSeconds');
  const orphan = options.orphanDependents ?? (query.has('orphanDependents') ? flag(query, 'orphanDependents') : undefined);
  const policy = options.propagationPolicy ?? (query.get('propagationPolicy') || undefined);
  const causes: FieldCause[] = [...dryRunCauses(dryRun)];
  if (orphan !== undefined && policy !== undefined) {
    causes.push({
      field: 'propagationPolicy',
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  if (policy !== undefined && policy !== 'Background' && policy !== 'Foreground' && policy !== 'Orphan') {
    causes.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
    throw invalidOptions('DeleteOptions', causes);
  }
  if (causes.length > 0) throw invalidOptions('DeleteOptions', causes);
  const propagationPolicy = policy ?? (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');
  return {
    actor,
    ...(dryRun.includes('All') && { dryRun: true }),
    ...(grace !== undefined && { gracePeriodSeconds: Math.min(grace, MAX_SECONDS) }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(options.preconditions?.uid !== undefined && { uid: options.preconditions.uid }),
    ...(options.preconditions?.resourceVersion !== undefined && { resourceVersion: options.preconditions.resourceVersion }),
  };
}

/** int32, as Kubernetes has seconds; more would be no time any more. */
const MAX_SECONDS = 2_147_483_647;

interface DeleteBody {
  readonly dryRun?: readonly string[];
  readonly gracePeriodSeconds?: number;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

const BODY_FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  dryRun: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  gracePeriodSeconds: (value) => Number.isSafeInteger(value),
  orphanDependents: (value) => typeof value === 'boolean',
  propagationPolicy: (value) => typeof value === 'string',
  preconditions: (value) =>
    isRecord(value) && [value['uid'], value['resourceVersion']].every((item) => item === undefined || typeof item === 'string'),
};

function bodyOptions(body: unknown): DeleteBody {
  if (body === undefined) return {};
  if (!isRecord(body)) throw new DroverError('bad-request', 'the body of a delete is a DeleteOptions object');
  if (body['kind'] !== undefined && body['kind'] !== 'DeleteOptions') {
    throw new DroverError('bad-request', `the body of a delete is a DeleteOptions object, not ${JSON.stringify(body['kind'])}`);
  }
  const options: Record<string, unknown> = {};
  for (const [field, fits] of Object.entries(BODY_FIELDS)) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (!fits(value)) throw new DroverError('bad-request', `DeleteOptions.${field} has the wrong type`);
    options[field] = value;
  }
  return options;
}

function dryRunCauses(values: readonly string[]): readonly FieldCause[] {
  return values.filter((value) => value !== '' && value !== 'All').map((value) => notSupported('dryRun', [value], ['All']));
}

function notSupported(field: string, value: string | readonly string[], allowed: readonly string[]): FieldCause {
  const list = allowed.map((item) => JSON.stringify(item)).join(', ');
  return { field, reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}` };
}

function invalidOptions(kind: OptionsKind, causes: readonly FieldCause[]): DroverError {
  const text = causes.map((cause) => `${cause.field}: ${cause.message}`).join(', ');
  const shown = causes.length > 1 ? `[${text}]` : text;
  return new DroverError('invalid', `${kind}.meta.k8s.io "" is invalid: ${shown}`, { causes, about: { group: 'meta.k8s.io', kind } });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
