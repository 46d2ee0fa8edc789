import type { FieldCause } from '../../base/errors.ts';
import { forbiddenField, invalidValue, named } from '../causes.ts';
import { dataKeyProblem } from '../name-rules.ts';
import { sameJson } from '../same-json.ts';
import type { ConfigMap } from './config-map.ts';
import type { Secret } from './secret.ts';

const FIXED = 'field is immutable when `immutable` is set';

/** Keys can be file names; base64 is base64; what is immutable stays. */
export function configMapCauses(map: ConfigMap, old: ConfigMap | undefined): FieldCause[] {
  const twice = Object.keys(map.data ?? {}).filter((key) => Object.hasOwn(map.binaryData ?? {}, key));
  return [
    ...Object.keys(map.data ?? {}).flatMap((key) => named(`data[${key}]`, key, dataKeyProblem)),
    ...base64Causes(map.binaryData, 'binaryData'),
    ...twice.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...fixedCauses(map, old, ['data', 'binaryData']),
  ];
}

/** As for config maps; the type of a Secret never changes. */
export function secretCauses(secret: Secret, old: Secret | undefined): FieldCause[] {
  return [
    ...base64Causes(secret.data, 'data'),
    ...(old && old.type !== secret.type ? [invalidValue('type', secret.type ?? null, 'field is immutable')] : []),
    ...fixedCauses(secret, old, ['data']),
  ];
}

/** `stringData` is for writing only: it lands in `data` as base64. */
export function secretDefaults(secret: Secret): Secret {
  if (!secret.stringData) return secret;
  const { stringData, ...rest } = secret;
  const encoded = Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, toBase64(value)]));
  return { ...rest, data: { ...secret.data, ...encoded } };
}

function base64Causes(data: Readonly<Record<string, string>> | undefined, path: string): FieldCause[] {
  return Object.entries(data ?? {}).flatMap(([key, value]) => [
    ...named(`${path}[${key}]`, key, dataKeyProblem),
    ...(isBase64(value) ? [] : [invalidValue(`${path}[${key}]`, '<value>', 'illegal base64 data')]),
  ]);
}

function fixedCauses<T extends { immutable?: boolean }>(next: T, old: T | undefined, fields: readonly (keyof T & string)[]): FieldCause[] {
  if (old?.immutable !== true) return [];
  return [
    ...(next.immutable === true ? [] : [forbiddenField('immutable', FIXED)]),
    ...fields.filter((field) => !sameJson(next[field], old[field])).map((field) => forbiddenField(field, FIXED)),
  ];
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
