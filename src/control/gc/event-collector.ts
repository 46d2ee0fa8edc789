import type { Event } from '../../model/core/event.ts';
import type { Stored } from '../../model/resource.ts';
import type { Controller, ControllerContext, Result } from '../controller.ts';
import { fromTime } from '../../base/clock.ts';
import { hasCode } from '../../base/errors.ts';
import { eventKind } from '../../model/core/event.ts';
import { keyOf } from '../../model/resource.ts';
import { inBatches } from '../in-batches.ts';

/** How long an Event is kept after it was last seen, as in Kubernetes. */
export const EVENT_TTL_MS = 3_600_000;
/** Deletions of one round; a second later comes the next. */
export const MAX_DELETIONS = 500;
const LEAST_PAUSE_MS = 60_000;
const PAGE = 500;

/** Deletes Events that were last seen more than an hour ago, at most 500 a second. Looks when the next one falls due, at most once a minute. */
export function createEventCollector(): Controller {
  return {
    name: 'event-collector',
    watches: [],
    initialKeys: ['events'],
    writes: [],
    reconcile: (_, context) => collect(context),
  };
}

async function collect(context: ControllerContext): Promise<Result> {
  const nowMs = context.clock.now();
  const old: Stored<Event>[] = [];
  let oldestMs = nowMs;
  let next: string | undefined;
  do {
    const page = await context.client.list(eventKind, { limit: PAGE, ...(next && { continue: next }) });
    for (const event of page.items) {
      const seenMs = lastSeenMs(event);
      if (nowMs - seenMs >= EVENT_TTL_MS) old.push(event);
      else oldestMs = Math.min(oldestMs, seenMs);
    }
    next = page.continue;
  } while (next && old.length < MAX_DELETIONS);
  await inBatches(old.slice(0, MAX_DELETIONS), 50, (event) => remove(event, context));
  if (next || old.length > MAX_DELETIONS) return { requeueAfterMs: 1000 };
  return { requeueAfterMs: Math.max(LEAST_PAUSE_MS, oldestMs + EVENT_TTL_MS - nowMs) };
}

async function remove(event: Stored<Event>, { client }: ControllerContext): Promise<void> {
  const { resourceVersion } = event.metadata;
  await client.delete(eventKind, keyOf(event), { resourceVersion }).catch((error: unknown) => {
    // Counted up just now, or collected by someone else.
    if (!hasCode(error, 'conflict', 'not-found')) throw error;
  });
}

function lastSeenMs(event: Stored<Event>): number {
  return fromTime(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp);
}
