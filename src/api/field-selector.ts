import type { Kind } from '../model/kind.ts';
import type { Resource } from '../model/resource.ts';
import { badRequest } from './faults.ts';

/** What a field selector asks for. */
export interface FieldSelector {
  matches(object: Resource): boolean;
  /** The one name that it allows, when it names one: then a reader need not scan. */
  readonly name: string | undefined;
}

interface Term {
  readonly field: string;
  readonly equal: boolean;
  readonly value: string;
}

/**
 * Parses `metadata.name=x,status.phase!=Running` over the kind's selectable fields. `undefined` when it selects everything. Throws `bad-request` for
 * bad syntax and unknown fields.
 */
export function parseFieldSelector(kind: Kind, text: string | undefined): FieldSelector | undefined {
  if (text === undefined || text === '') return undefined;
  const terms = splitTerms(text).map(parseTerm);
  if (terms.length === 0) return undefined;
  const known = new Set(['metadata.name', ...(kind.namespaced ? ['metadata.namespace'] : []), ...Object.keys(emptyFields(kind))]);
  for (const { field } of terms) {
    if (!known.has(field)) {
      const list = kind.origin === 'crd' ? `; supported are ${[...known].join(', ')}` : '';
      throw badRequest(`field label not supported: ${field}${list}`);
    }
  }
  const needsKind = terms.some(({ field }) => !field.startsWith('metadata.'));
  return {
    name: terms.find(({ field, equal }) => field === 'metadata.name' && equal)?.value,
    matches(object) {
      const fields = needsKind ? kind.selectableFields?.(object) : undefined;
      return terms.every(({ field, equal, value }) => (fieldOf(object, field, fields) === value) === equal);
    },
  };
}

/** The selectable fields of a kind are those that it names for an object without content. */
function emptyFields(kind: Kind): Readonly<Record<string, string>> {
  return kind.selectableFields?.({ apiVersion: '', kind: kind.kind, metadata: {} }) ?? {};
}

function fieldOf(object: Resource, field: string, fields: Readonly<Record<string, string>> | undefined): string {
  if (field === 'metadata.name') return object.metadata.name ?? '';
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return fields?.[field] ?? '';
}

/** Splits at commas that are not escaped by a backslash. */
function splitTerms(text: string): string[] {
  return (text.match(/(?:\\.|[^,\\])+/g) ?? []).filter((term) => term !== '');
}

function parseTerm(term: string): Term {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = match;
  return { field, equal: operator !== '!=', value: value.replaceAll(/\\([,=\\])/g, '$1') };
}
