import type { ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';

/** How long a client may leave a stream unread before it is cut off. */
export const STALLED_MS = 30_000;

/**
 * Writes one piece of a stream and waits until the client has room for the next: nothing is buffered beyond the socket. False when the stream is
 * over: the signal aborted, the client left, or it did not read for {@link STALLED_MS} (the connection is destroyed then).
 */
export async function writeBounded(
  response: ServerResponse,
  chunk: string | Uint8Array,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted || response.destroyed) return false;
  if (response.write(chunk)) return true;
  return await new Promise<boolean>((resolve) => {
    const end = (ok: boolean): void => {
      cancel();
      response.off('drain', onDrain);
      response.off('close', onClose);
      signal.removeEventListener('abort', onClose);
      resolve(ok);
    };
    const onDrain = (): void => end(true);
    const onClose = (): void => end(false);
    const cancel = clock.after(STALLED_MS, () => {
      response.destroy();
      end(false);
    });
    response.once('drain', onDrain);
    response.once('close', onClose);
    signal.addEventListener('abort', onClose, { once: true });
  });
}
