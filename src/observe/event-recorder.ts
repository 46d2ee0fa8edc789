import type { Clock } from '../base/clock.ts';
import type { ResourceClient } from '../client/client.ts';
import type { Event } from '../model/core/event.ts';
import type { Reason } from '../model/reason.ts';
import type { Resource } from '../model/resource.ts';
import type { Log } from './log.ts';
import { toTime } from '../base/clock.ts';
import { hasCode } from '../base/errors.ts';
import { contentHash } from '../base/ids.ts';
import { eventKind } from '../model/core/event.ts';

/** Writes v1 Events; equal ones within ten minutes are counted up, not repeated. Never throws and never waits for the store. */
export interface EventRecorder {
  event(about: Resource, type: 'Normal' | 'Warning', reason: Reason): void;
}

export interface EventRecorderOptions {
  readonly client: ResourceClient;
  readonly clock: Clock;
  readonly log: Log;
  /** Who reports, e.g. `drover-control` or `drover-agent`. */
  readonly component: string;
  /** The machine that reports, when it is one. */
  readonly host?: string;
}

/** Equal events are counted up for so long after the last one. */
export const AGGREGATE_MS = 10 * 60_000;
/** Events that may wait for the store; more are dropped and counted. */
export const MAX_WAITING = 1000;
const MAX_REMEMBERED = 4096;
/** Kubernetes' limit of an event's message. */
const MAX_MESSAGE = 1024;

interface Remembered {
  readonly name: string;
  readonly namespace: string;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  stored: boolean;
}

/** A recorder with its own writing loop. `idle` resolves when all is written; `close` writes what waits, then stops. */
export interface OwnedEventRecorder extends EventRecorder {
  idle(): Promise<void>;
  close(): Promise<void>;
  /** Events lost because too many waited or the store refused them. */
  dropped(): number;
}

/**
 * Starts a recorder. Event names are `<object>.<hash>`: the hash is over object, reason, message and the time of the first, so a repeat after a crash
 * makes a new one and never a clash.
 */
export function createEventRecorder(options: EventRecorderOptions): OwnedEventRecorder {
  const remembered = new Map<string, Remembered>();
  const waiting = new Map<string, { next: Event; seen: Remembered }>();
  let writing: Promise<void> | undefined;
  let closed = false;
  let dropped = 0;

  function event(about: Resource, type: 'Normal' | 'Warning', reason: Reason): void {
    if (closed) return;
    const nowMs = options.clock.now();
    const { name = '', namespace = 'default', uid = '' } = about.metadata;
    const message = reason.message.slice(0, MAX_MESSAGE);
    const key = [about.kind, namespace, name, uid, type, reason.code, message].join('\n');
    let seen = remembered.get(key);
    if (seen && nowMs - seen.lastMs < AGGREGATE_MS) {
      seen.count++;
      seen.lastMs = nowMs;
    } else {
      seen = { name: `${name}.${contentHash([key, nowMs], 16)}`, namespace, firstMs: nowMs, lastMs: nowMs, count: 1, stored: false };
    }
    // The newest last: the oldest is what is forgotten when there are too many.
    remembered.delete(key);
    remembered.set(key, seen);
    if (remembered.size > MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
    if (waiting.size >= MAX_WAITING && !waiting.has(seen.name)) {
      dropped++;
      return;
    }
    waiting.set(seen.name, { next: toEvent(about, type, reason.code, message, seen), seen });
    writing ??= write().finally(() => (writing = undefined));
  }

  function toEvent(about: Resource, type: string, code: string, message: string, seen: Remembered): Event {
    const { name, namespace, uid, resourceVersion } = about.metadata;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: seen.name, namespace: seen.namespace },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        ...(namespace !== undefined && { namespace }),
        ...(name !== undefined && { name }),
        ...(uid !== undefined && { uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
      type,
      reason: code,
      message,
      count: seen.count,
      firstTimestamp: toTime(seen.firstMs),
      lastTimestamp: toTime(seen.lastMs),
      source: { component: options.component, ...(options.host !== undefined && { host: options.host }) },
      reportingComponent: options.component,
      reportingInstance: options.host ?? '',
    };
  }

  async function write(): Promise<void> {
    // Not within event(): several equal ones of one turn become one write.
    await Promise.resolve();
    for (const [name, { next, seen }] of waiting) {
      waiting.delete(name);
      try {
        await put(next, seen);
      } catch (error) {
        dropped++;
        // A namespace that ends takes no more events, and nobody will miss them.
        if (!hasCode(error, 'not-found', 'forbidden'))
          options.log.warn({ event: next.reason, object: next.involvedObject.name, error }, 'event not written');
      }
    }
  }

  async function put(next: Event, seen: Remembered): Promise<void> {
    const { count, lastTimestamp } = next;
    if (seen.stored) {
      try {
        await options.client.patch(eventKind, { namespace: seen.namespace, name: seen.name }, { count, lastTimestamp });
        return;
      } catch (error) {
        // Collected meanwhile.
        if (!hasCode(error, 'not-found')) throw error;
      }
    }
    await options.client.create(eventKind, next);
    seen.stored = true;
  }

  async function idle(): Promise<void> {
    while (writing) await writing;
  }

  return {
    event,
    idle,
    dropped: () => dropped,
    async close() {
      closed = true;
      await idle();
    },
  };
}
