import type { Resource, Stored } from '../model/resource.ts';
import { tooOldResourceVersion } from './faults.ts';

/** One change of an object, as watchers see it. `object` of a DELETED is the last state with the revision of the deletion. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** Storage key. */
  readonly key: string;
  readonly object: Stored<Resource>;
  /** The state before; undefined for ADDED. */
  readonly previous: Stored<Resource> | undefined;
}

/** What a ring keeps at most: so many events, so many characters of stored JSON. */
export const RING_BOUNDS = { events: 8_192, characters: 8 * 1024 * 1024 };

/** The newest events of a kind, so that a watch can go on from a revision of a short while ago without asking the store. */
export class EventRing {
  #events: { readonly event: CacheEvent; readonly characters: number }[] = [];
  #head = 0;
  #characters = 0;
  #knownAfter: number;
  readonly #bounds: { readonly events: number; readonly characters: number };

  /** Knows all events after `knownAfter`. */
  constructor(knownAfter: number, bounds = RING_BOUNDS) {
    this.#knownAfter = knownAfter;
    this.#bounds = bounds;
  }

  push(event: CacheEvent, characters: number): void {
    this.#events.push({ event, characters });
    this.#characters += characters;
    while (this.#events.length - this.#head > this.#bounds.events || this.#characters > this.#bounds.characters) {
      const oldest = this.#events[this.#head++];
      if (!oldest) break;
      this.#characters -= oldest.characters;
      this.#knownAfter = oldest.event.revision;
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** All events after `revision`, oldest first. Throws `compacted` when some of them are no longer known. */
  after(revision: number): CacheEvent[] {
    if (revision < this.#knownAfter) throw tooOldResourceVersion(revision, this.#knownAfter);
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.event.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low).map((item) => item.event);
  }
}
