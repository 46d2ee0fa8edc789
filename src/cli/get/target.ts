import { DroverError } from '../../base/errors.ts';
import { findKind, type Discovered } from '../discover.ts';

/** What to get: of one kind all objects, or those of some names. */
export interface Target {
  readonly kind: Discovered;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** Empty: all. */
  readonly names: readonly string[];
  readonly selector: string | undefined;
}

/** Prefix of a kind in `kind/name`, as kubectl writes it. */
export function kindWord(kind: Discovered): string {
  return `${kind.singular || kind.plural}${kind.group === '' ? '' : `.${kind.group}`}`;
}

/** The kinds that a word means: `pods`, `pods,kafkas`, or a category such as `all`. Throws `not-found` for a word that means none. */
export function findKinds(kinds: readonly Discovered[], word: string): Discovered[] {
  const found = word
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const category = kinds.filter((kind) => kind.categories.includes(part.toLowerCase()));
      return category.length > 0 ? category : [findKind(kinds, part)];
    });
  return [...new Set(found)];
}

/** `KIND[,KIND…] [NAME…]` or `KIND/NAME…`, as kubectl reads it. Throws `bad-request` for a mix of the two. */
export function parseTargets(
  kinds: readonly Discovered[],
  words: readonly string[],
  where: Pick<Target, 'namespace' | 'selector'>,
): Target[] {
  const [first = '', ...rest] = words;
  const pairs = words.filter((word) => word.includes('/'));
  if (pairs.length === 0) return findKinds(kinds, first).map((kind) => ({ kind, names: rest, ...where }));
  if (pairs.length < words.length) {
    throw new DroverError(
      'bad-request',
      `write either KIND NAME… or KIND/NAME…, not both: '${words.find((word) => !word.includes('/'))}' has no kind`,
    );
  }
  const targets: (Target & { names: string[] })[] = [];
  for (const pair of pairs) {
    const slash = pair.indexOf('/');
    const name = pair.slice(slash + 1);
    if (name === '' || slash === 0) throw new DroverError('bad-request', `'${pair}' is not of the form KIND/NAME`);
    const kind = findKind(kinds, pair.slice(0, slash));
    const same = targets.find((target) => target.kind === kind);
    if (same) same.names.push(name);
    else targets.push({ kind, names: [name], ...where });
  }
  return targets;
}
