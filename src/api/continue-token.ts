import { badRequest } from './faults.ts';

/** Where a paged list goes on: after `afterKey` (relative to the list's prefix), in the state of `revision` (-1: the present one). */
export interface ContinueToken {
  readonly revision: number;
  readonly afterKey: string;
}

/** Opaque to callers; the same content as kube-apiserver's tokens. */
export function encodeContinue({ revision, afterKey }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${afterKey}\u0000` })).toString('base64url');
}

/** The inverse of {@link encodeContinue}. Throws `bad-request`. */
export function decodeContinue(token: string): ContinueToken {
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch (error) {
    throw badRequest(`invalid continue token: continue key is not valid: ${(error as Error).message}`);
  }
  const { v, rv, start } = (content ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1')
    throw badRequest('invalid continue token: continue key is not valid: server does not recognize this encoded version');
  if (typeof rv !== 'number' || !Number.isInteger(rv) || rv === 0) {
    throw badRequest('invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw badRequest('invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision: rv, afterKey: start.replace(/\u0000$/, '') };
}
