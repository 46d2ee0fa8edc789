import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { apiVersionOf, type Kind } from '../../model/kind.ts';
import type { WatchItem } from '../verbs.ts';
import { renderObject, type RenderOptions } from './render.ts';
import { statusOf } from './status.ts';
import { tableOf } from './table.ts';
import { writeBounded } from './write-bounded.ts';
import type { ApiAnswer } from './route.ts';

/** How long an answer waits for the first event (or fault) of a watch before its headers go out: faults before that become a Status. */
const HEADER_WAIT_MS = 20;

/**
 * A watch as one JSON line an event. A fault before the first event is thrown, so that it becomes a Status, except `compacted`, which is an ERROR
 * event as in kube-apiserver; later faults are ERROR events that end the stream. Ends cleanly when the signal aborts.
 */
export async function watchAnswer(
  kind: Kind,
  items: AsyncIterable<WatchItem>,
  options: Omit<RenderOptions, 'nowMs'> & { readonly clock: Clock; readonly stop: () => void },
): Promise<ApiAnswer> {
  const iterator = items[Symbol.asyncIterator]();
  let pending = iterator.next();
  try {
    await firstOf(pending, options.clock);
  } catch (error) {
    if (!hasCode(error, 'compacted')) {
      options.stop();
      throw error;
    }
    pending = Promise.reject(error);
    pending.catch(() => undefined);
  }
  let columnsSent = false;
  const lineOf = (item: WatchItem): string => {
    const object = item.type === 'BOOKMARK' ? bookmark(kind, item, options.as) : eventObject(kind, item.object, options, !columnsSent);
    columnsSent ||= item.type !== 'BOOKMARK';
    return `${JSON.stringify({ type: item.type, object })}\n`;
  };
  return {
    type: 'stream',
    contentType: 'application/json',
    async write(response: ServerResponse, signal: AbortSignal) {
      try {
        for (;;) {
          const next = await pending;
          if (next.done || !(await writeBounded(response, lineOf(next.value), options.clock, signal))) return;
          pending = iterator.next();
        }
      } catch (error) {
        if (!signal.aborted)
          await writeBounded(response, `${JSON.stringify({ type: 'ERROR', object: statusOf(error) })}\n`, options.clock, signal);
      } finally {
        options.stop();
        await iterator.return?.();
      }
    },
  };
}

/** Settles as `pending` does, or resolves after {@link HEADER_WAIT_MS}. */
export async function firstOf(pending: Promise<unknown>, clock: Clock): Promise<void> {
  let cancel = (): void => undefined;
  const timer = new Promise<void>((resolve) => {
    cancel = clock.after(HEADER_WAIT_MS, resolve);
  });
  try {
    await Promise.race([pending, timer]);
  } finally {
    cancel();
    pending.catch(() => undefined);
  }
}

function eventObject(
  kind: Kind,
  object: Parameters<typeof renderObject>[1],
  options: Omit<RenderOptions, 'nowMs'> & { clock: Clock },
  columns: boolean,
): object {
  const nowMs = options.clock.now();
  if (options.as !== 'table') return renderObject(kind, object, { ...options, nowMs });
  return tableOf(
    kind,
    [object],
    { resourceVersion: object.metadata.resourceVersion },
    { includeObject: options.includeObject, nowMs, columns },
  );
}

function bookmark(kind: Kind, item: Extract<WatchItem, { type: 'BOOKMARK' }>, as: RenderOptions['as']): object {
  const metadata = {
    resourceVersion: item.resourceVersion,
    creationTimestamp: null,
    ...(item.initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  };
  switch (as) {
    case 'object':
      return { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
    case 'metadata':
      return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
    case 'table':
      return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata, columnDefinitions: null, rows: null };
  }
}
