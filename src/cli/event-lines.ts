import type { Event } from '../model/core/event.ts';
import type { Resource } from '../model/resource.ts';
import { fromTime } from '../base/clock.ts';
import { renderAge } from './render/age.ts';
import { renderTable } from './render/table.ts';

/** When an event was seen last, epoch ms. */
export function eventTimeMs(event: Event): number {
  return fromTime(event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

/** Events as kubectl's table, oldest first. */
export function eventTable(events: readonly Event[], nowMs: number): string {
  const sorted = [...events].sort((a, b) => eventTimeMs(a) - eventTimeMs(b));
  return renderTable(
    ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'],
    sorted.map((event) => [
      `${renderAge(nowMs - eventTimeMs(event))}${(event.count ?? 1) > 1 ? ` (x${event.count})` : ''}`,
      event.type ?? '',
      event.reason ?? '',
      `${(event.involvedObject.kind ?? '').toLowerCase()}/${event.involvedObject.name ?? ''}`,
      event.message ?? '',
    ]),
  );
}

/** True when `event` is about `object`. */
export function isAbout(event: Event, object: Pick<Resource, 'kind' | 'metadata'>): boolean {
  return event.involvedObject.kind === object.kind && event.involvedObject.name === object.metadata.name;
}
