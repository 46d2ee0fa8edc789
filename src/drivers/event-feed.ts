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

interface Reader {
  buffer: DriverEvent[];
  wake: () => void;
}

/** A feed whose readers may lag by `capacity` events (default 4,096) before they are told to list again. */
export function createEventFeed(capacity = 4096): EventFeed {
  const readers = new Set<Reader>();
  let ended = false;

  async function* drain(reader: Reader, signal: AbortSignal): AsyncGenerator<DriverEvent> {
    const wake = () => reader.wake();
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const event = reader.buffer.shift();
        if (event) {
          yield event;
          continue;
        }
        if (ended) return;
        await new Promise<void>((resolve) => (reader.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
      readers.delete(reader);
    }
  }

  return {
    publish(event) {
      for (const reader of readers) {
        if (reader.buffer.length >= capacity) reader.buffer = [{ type: 'resync' }];
        reader.buffer.push(event);
        reader.wake();
      }
    },
    read(signal) {
      // Subscribed here and not at the first pull, so that nothing between the two is missed.
      const reader: Reader = { buffer: [], wake: () => {} };
      if (!ended && !signal.aborted) readers.add(reader);
      return drain(reader, signal);
    },
    end() {
      ended = true;
      for (const reader of readers) reader.wake();
    },
  };
}
