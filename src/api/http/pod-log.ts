import type { ServerResponse } from 'node:http';
import type { NodeApis, PodLogRequest } from '../../agent/node-api.ts';
import type { Clock } from '../../base/clock.ts';
import { fromTime } from '../../base/clock.ts';
import { DroverError, type FieldCause } from '../../base/errors.ts';
import type { Kind } from '../../model/kind.ts';
import type { Pod } from '../../model/core/pod.ts';
import type { Verbs } from '../verbs.ts';
import { flag, integer } from './query.ts';
import type { ApiAnswer, ApiRequest } from './route.ts';
import { firstOf } from './watch-stream.ts';
import { writeBounded } from './write-bounded.ts';

/** What a log needs of the server. */
export interface PodLogContext {
  readonly verbs: Verbs;
  readonly nodeApis: NodeApis;
  readonly clock: Clock;
}

/** Lines are sent together up to about this size. */
const CHUNK_BYTES = 32_768;

/** `GET pods/NAME/log`: text, in pieces as the lines come; ends when the client leaves. */
export async function podLogAnswer(kind: Kind, request: ApiRequest, context: PodLogContext): Promise<ApiAnswer> {
  const { namespace = '', name = '' } = request.params;
  const options = logOptions(request.query, name, context.clock.now());
  const pod = (await context.verbs.get(kind, { namespace, name })) as Pod;
  const container = chooseContainer(pod, name, request.query.get('container'));
  const nodeName = pod.spec.nodeName ?? '';
  if (nodeName === '') throw new DroverError('bad-request', `pod ${name} does not have a host assigned`);
  const node = context.nodeApis(nodeName);
  if (!node) {
    throw new DroverError('unavailable', `the agent of node ${nodeName} is not connected: its logs cannot be read now`, {
      retryAfterSeconds: 5,
    });
  }
  const lines = node.podLogs({ ...options.request, namespace, podName: name, podUid: pod.metadata.uid ?? '', container }, request.signal);
  const iterator = lines[Symbol.asyncIterator]();
  let pending = iterator.next();
  await firstOf(pending, context.clock);
  return {
    type: 'stream',
    contentType: 'text/plain',
    async write(response: ServerResponse, signal: AbortSignal) {
      let left = options.limitBytes ?? Infinity;
      try {
        for (;;) {
          let chunk = '';
          // What is there at once goes out together; the first wait flushes it.
          for (;;) {
            const next = chunk === '' ? await pending : await soon(pending);
            if (next === 'later') break;
            if (next.done) {
              if (chunk !== '') await writeBounded(response, cut(chunk, left), context.clock, signal);
              return;
            }
            const stamp = options.timestamps ? `${new Date(next.value.atMs).toISOString().slice(0, -1)}000000Z ` : '';
            chunk += `${stamp}${next.value.text}\n`;
            pending = iterator.next();
            pending.catch(() => undefined);
            if (chunk.length >= CHUNK_BYTES) break;
          }
          const bytes = cut(chunk, left);
          left -= bytes.length;
          if (!(await writeBounded(response, bytes, context.clock, signal)) || left <= 0) return;
        }
      } finally {
        await iterator.return?.();
      }
    },
  };
}

function soon<T>(pending: Promise<T>): Promise<T | 'later'> {
  return Promise.race([pending, new Promise<'later'>((resolve) => setImmediate(resolve, 'later'))]);
}

function cut(text: string, limit: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length <= limit ? bytes : bytes.subarray(0, limit);
}

interface LogOptions {
  readonly request: Pick<PodLogRequest, 'follow' | 'previous' | 'tailLines' | 'sinceMs'>;
  readonly timestamps: boolean;
  readonly limitBytes: number | undefined;
}

function logOptions(query: URLSearchParams, podName: string, nowMs: number): LogOptions {
  const causes: FieldCause[] = [];
  const atLeast = (name: string, minimum: number, rule: string): number | undefined => {
    const value = integer(query, name);
    if (value !== undefined && value < minimum) {
      causes.push({ field: name, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: must be greater than ${rule}` });
    }
    return value;
  };
  const tailLines = atLeast('tailLines', 0, 'or equal to 0');
  const limitBytes = atLeast('limitBytes', 1, '0');
  const sinceSeconds = atLeast('sinceSeconds', 1, '0');
  const sinceTime = query.get('sinceTime') || undefined;
  let sinceMs = sinceSeconds === undefined ? undefined : nowMs - sinceSeconds * 1000;
  if (sinceTime !== undefined) {
    sinceMs = fromTime(sinceTime);
    if (Number.isNaN(sinceMs)) throw new DroverError('bad-request', `sinceTime ${JSON.stringify(sinceTime)} is not an RFC 3339 time`);
    if (sinceSeconds !== undefined) {
      causes.push({
        field: '[]',
        reason: 'FieldValueForbidden',
        message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
      });
    }
  }
  if (causes.length > 0) {
    const text = causes.map((cause) => `${cause.field}: ${cause.message}`).join(', ');
    throw new DroverError('invalid', `PodLogOptions "${podName}" is invalid: ${text}`, {
      causes,
      about: { name: podName, kind: 'PodLogOptions' },
    });
  }
  return {
    request: {
      follow: flag(query, 'follow'),
      previous: flag(query, 'previous'),
      ...(tailLines !== undefined && { tailLines }),
      ...(sinceMs !== undefined && { sinceMs }),
    },
    timestamps: flag(query, 'timestamps'),
    limitBytes,
  };
}

function chooseContainer(pod: Pod, name: string, wanted: string | null): string {
  const names = pod.spec.containers.map((container) => container.name);
  if (wanted) {
    if (names.includes(wanted)) return wanted;
    throw new DroverError('bad-request', `container ${wanted} is not valid for pod ${name}`);
  }
  if (names.length === 1) return names[0]!;
  throw new DroverError('bad-request', `a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]`);
}
