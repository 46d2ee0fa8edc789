import type { ApiAnswer, ApiRequest } from './route.ts';

/** A complete answer as it goes over the wire. */
export interface Payload {
  readonly code: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

const BROWSER_LIKE = /^(curl|wget|mozilla)\//i;

/** Serialises an answer that is no stream: JSON (indented when `pretty` or for curl and browsers, as kube-apiserver) or YAML. */
export async function payloadOf(
  answer: Exclude<ApiAnswer, { type: 'stream' }>,
  request: Pick<ApiRequest, 'query' | 'headers'>,
): Promise<Payload> {
  const headers = { 'cache-control': 'no-cache, private' };
  if (answer.type === 'text') {
    return { code: answer.code, headers: { ...headers, 'content-type': answer.contentType, ...answer.headers }, text: answer.text };
  }
  if (answer.format === 'yaml') {
    const { stringify } = await import('yaml');
    const text = stringify(answer.body, { aliasDuplicateObjects: false, lineWidth: 0 });
    return { code: answer.code, headers: { ...headers, 'content-type': 'application/yaml' }, text };
  }
  const text = isPretty(request) ? JSON.stringify(answer.body, undefined, 2) : `${JSON.stringify(answer.body)}\n`;
  return { code: answer.code, headers: { ...headers, 'content-type': 'application/json' }, text };
}

function isPretty(request: Pick<ApiRequest, 'query' | 'headers'>): boolean {
  const pretty = request.query.get('pretty');
  if (pretty !== null) return pretty !== 'false' && pretty !== '0';
  return BROWSER_LIKE.test(request.headers['user-agent'] ?? '');
}

/** A `Warning: 299` header: quotes and backslashes escaped, control characters dropped, UTF-8 as bytes. */
export function warningHeader(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/[\\"]/g, '\\$&');
  return `299 - "${Buffer.from(clean, 'utf8').toString('latin1')}"`;
}
