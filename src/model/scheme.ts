import type { Kind } from './kind.ts';
import { apiVersionOf } from './kind.ts';

/** The kinds a process knows (Kubernetes' term). Immutable once built. */
export interface Scheme {
  readonly kinds: readonly Kind[];
  /** By apiVersion and kind as manifests write them. */
  byKind(apiVersion: string, kind: string): Kind | undefined;
  /** By URL parts. */
  byResource(group: string, version: string, plural: string): Kind | undefined;
  /** By what a person types: plural, singular, short name, kind, any of them with `.group`. Case-insensitive. */
  byWord(word: string): Kind | undefined;
}

/** Builds a scheme. Throws when two kinds share apiVersion and kind, or group, version and plural. */
export function createScheme(kinds: readonly Kind[]): Scheme {
  const byKind = new Map<string, Kind>();
  const byResource = new Map<string, Kind>();
  const byWord = new Map<string, Kind>();
  for (const kind of kinds) {
    const kindKey = `${apiVersionOf(kind)} ${kind.kind}`;
    const resourceKey = `${kind.group}/${kind.version}/${kind.plural}`;
    if (byKind.has(kindKey) || byResource.has(resourceKey)) throw new Error(`kind registered twice: ${kindKey} (${resourceKey})`);
    byKind.set(kindKey, kind);
    byResource.set(resourceKey, kind);
    for (const word of [kind.plural, kind.singular, kind.kind.toLowerCase(), ...(kind.shortNames ?? [])]) {
      if (!byWord.has(word)) byWord.set(word, kind);
      byWord.set(`${word}.${kind.group}`, kind);
    }
  }
  return {
    kinds,
    byKind: (apiVersion, kind) => byKind.get(`${apiVersion} ${kind}`),
    byResource: (group, version, plural) => byResource.get(`${group}/${version}/${plural}`),
    byWord: (word) => byWord.get(word.toLowerCase()),
  };
}
