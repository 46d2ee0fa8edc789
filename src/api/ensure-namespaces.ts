import { hasCode } from '../base/errors.ts';
import type { Scheme } from '../model/scheme.ts';
import { SYSTEM_NAMESPACES } from './namespace-rules.ts';
import type { Verbs } from './verbs.ts';

/** Creates the namespaces that everything else expects, where they are missing. */
export async function ensureNamespaces(verbs: Verbs, scheme: Scheme): Promise<void> {
  const kind = scheme.byKind('v1', 'Namespace');
  if (!kind) return;
  for (const name of SYSTEM_NAMESPACES) {
    try {
      await verbs.get(kind, { name });
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error;
      await createUnlessThere(verbs, kind, name);
    }
  }
}

async function createUnlessThere(verbs: Verbs, kind: Parameters<Verbs['create']>[0], name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await verbs.create(kind, undefined, body, { actor: 'system:apiserver' }).catch((error: unknown) => {
    // Another server on the same store was quicker.
    if (!hasCode(error, 'already-exists')) throw error;
  });
}
