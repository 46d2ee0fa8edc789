import { timingSafeEqual } from 'node:crypto';
import type { Authenticate, Identity } from './identity.ts';

/**
 * An {@link Authenticate} that knows one token, as bearer token or as the password of any user in basic authentication (what clients of Kubernetes
 * send over plain HTTP, where they keep bearer tokens back: the kubeconfig has the token in the server's URL). The comparison takes the same time for
 * every wrong token of the right length (the length is no secret).
 */
export function tokenAuthenticator(token: string, identity: Identity): Authenticate {
  const expected = Buffer.from(token);
  return (authorization) => {
    const given = tokenOf(authorization ?? '');
    if (given === undefined) return undefined;
    const bytes = Buffer.from(given);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected) ? identity : undefined;
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
