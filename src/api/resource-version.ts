import type { FieldCause } from '../base/errors.ts';
import { badRequest, invalidOptions } from './faults.ts';
import type { ListRequest, WatchRequest } from './verbs.ts';

/** The resourceVersion of a request as a number; undefined when it is absent or empty. Throws `bad-request`. */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

/** Which options of a list go together. Throws `invalid`. */
export function checkListOptions(request: ListRequest): void {
  const match = request.resourceVersionMatch ?? '';
  if (match === '') return;
  const causes: FieldCause[] = [];
  if (request.continue) causes.push(forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'));
  if (!request.resourceVersion) causes.push(forbiddenMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'));
  if (match !== 'Exact' && match !== 'NotOlderThan') causes.push(unsupportedMatch(match, ['Exact', 'NotOlderThan', '']));
  if (match === 'Exact' && request.resourceVersion === '0') {
    causes.push(forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
}

/** Which options of a watch go together. Throws `invalid`. */
export function checkWatchOptions(request: WatchRequest): void {
  const match = request.resourceVersionMatch ?? '';
  const causes: FieldCause[] = [];
  if (request.sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') {
      causes.push(forbiddenMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
      if (match !== '') causes.push(unsupportedMatch(match, ['NotOlderThan']));
    }
  } else if (match !== '') {
    causes.push(forbiddenMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  }
  if (causes.length > 0) throw invalidOptions('ListOptions', causes);
}

function forbiddenMatch(why: string): FieldCause {
  return { field: 'resourceVersionMatch', reason: 'FieldValueForbidden', message: `Forbidden: ${why}` };
}

function unsupportedMatch(value: string, supported: readonly string[]): FieldCause {
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((s) => JSON.stringify(s)).join(', ')}`;
  return { field: 'resourceVersionMatch', reason: 'FieldValueNotSupported', message };
}
