import { BoundedStream } from '../base/bounded-stream.ts';
import type { DriverEvent } from './driver.ts';

/** Fans driver events out to any number of readers, each with a buffer of its own that is bounded. */
export interface EventFeed {
  /** Hands an event to every reader; never waits. */
  publish(event: DriverEvent): void;
  /** Events published from this call on, until `signal` aborts or the feed ends. A reader that lags loses its buffer and gets `resync`. */
  read(signal: AbortSignal): AsyncIterable<DriverEvent>;
  /** Ends all readers, after what they have buffered; idempotent. */
  end(): void;
}

/** A feed whose readers may lag by `capacity` events (default 4,096) before they are told to list again. */
export function createEventFeed(capacity = 4096): EventFeed {
  const readers = new Set<BoundedStream<DriverEvent>>();
  let ended = false;
  return {
    publish(event) {
      for (const reader of readers) reader.push(event);
    },
    read(signal) {
      const overflow = { type: 'replace', item: (): DriverEvent => ({ type: 'resync' }) } as const;
      if (ended || signal.aborted) {
        const nothing = new BoundedStream<DriverEvent>({ capacity, overflow });
        nothing.end();
        return nothing;
      }
      const reader: BoundedStream<DriverEvent> = new BoundedStream({ capacity, overflow, signal, onEnd: () => readers.delete(reader) });
      readers.add(reader);
      return reader;
    },
    end() {
      ended = true;
      for (const reader of readers) reader.end();
    },
  };
}
