import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authenticate, Identity } from './identity.ts';

/**
 * An {@link Authenticate} that knows one token, as bearer token or as the password of any user in basic authentication (what clients of Kubernetes
 * send over plain HTTP, where they keep bearer tokens back: the kubeconfig has the token in the server's URL). The comparison takes the same time for
 * every wrong token, whatever its length.
 */
export function tokenAuthenticator(token: string, identity: Identity): Authenticate {
  const expected = digest(token);
  return (authorization) => {
    const given = tokenOf(authorization ?? '');
    return given !== undefined && timingSafeEqual(digest(given), expected) ? identity : undefined;
  };
}

function tokenOf(authorization: string): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +([^ ]+) *$/i.exec(authorization) ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
