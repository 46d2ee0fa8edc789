import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** A server to talk to; https certificates are not checked (a throw-away kube-apiserver makes its own). */
export interface Target {
  readonly url: string;
  readonly token: string;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Leave after so many lines. */
  readonly lines?: number;
}

export interface Received {
  readonly code: number;
  readonly contentType: string;
  readonly warnings: readonly string[];
  readonly text: string;
}

/** Sends one request and reads the whole answer, or as many lines of it as asked for. */
export function send(target: Target, sent: Sent): Promise<Received> {
  const request = target.url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${target.url}${sent.path}`,
      {
        method: sent.method,
        headers: {
          // Node leaves the length out for DELETE, and the body would be taken for another request.
          ...(sent.body !== undefined && { 'content-length': String(Buffer.byteLength(sent.body)) }),
          authorization: `Bearer ${target.token}`,
          accept: 'application/json',
          'user-agent': 'differential',
          ...sent.headers,
        },
        ...(target.url.startsWith('https:') && { rejectUnauthorized: false }),
      },
      (response) => {
        let text = '';
        const finish = (): void => {
          const warning = response.headers['warning'];
          resolve({
            code: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            warnings: [...(warning ?? '').matchAll(/299 [^ ]+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replace(/\\(.)/g, '$1')),
            text,
          });
        };
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
          if (sent.lines !== undefined && text.split('\n').length > sent.lines) {
            text = text.split('\n').slice(0, sent.lines).join('\n');
            finish();
            outgoing.destroy();
          }
        });
        response.on('end', finish);
        response.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body);
  });
}
