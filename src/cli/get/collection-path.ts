import { pathOf } from '../discover.ts';
import type { Target } from './target.ts';

/** URL path of what a target's names are among, with its selector and more query members. */
export function collectionPath(target: Target, extra: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...extra, ...(target.selector !== undefined && { labelSelector: target.selector }) }).toString();
  return `${pathOf(target.kind, target.namespace)}${query === '' ? '' : `?${query}`}`;
}
