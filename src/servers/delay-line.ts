/**
 * One direction of a proxied connection: what goes in at one socket comes out of the other later, in order.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { Clock } from '../model/time.js';
import type { ArrivalSchedule } from './arrival-schedule.js';
import type { ReleaseQueue } from './release-queue.js';

/**
 * What one direction holds before it stops reading: more than a fast line carries within a long round trip, so that
 * only a receiver that does not read, or a throttle, ever reaches it.
 */
const MAX_HELD_BYTES = 4_194_304;

export interface LineOptions {
  readonly source: Socket;
  readonly sink: Socket;
  readonly schedule: ArrivalSchedule;
  readonly queue: ReleaseQueue;
  readonly clock: Clock;
}

/**
 * Carries bytes, the end of a stream and resets from `source` to `sink`, each after the line's delay. Both sockets must
 * allow half-open connections: the end of one direction leaves the other open.
 */
export function connectLine({ source, sink, schedule, queue, clock }: LineOptions): void {
  /** Read from the source and not yet taken by the kernel at the sink. */
  let heldBytes = 0;
  let hasEnded = false;

  const deliver = (chunk: Buffer): void => {
    // The callback also runs for a sink that died, so that nothing stays held.
    sink.write(chunk, () => {
      heldBytes -= chunk.length;
      if (source.isPaused() && heldBytes < MAX_HELD_BYTES / 2) source.resume();
    });
  };
  source.on('data', (chunk: Buffer) => {
    heldBytes += chunk.length;
    if (heldBytes > MAX_HELD_BYTES) source.pause();
    queue.add(schedule.dueNs(clock.nowNs(), chunk.length), () => {
      deliver(chunk);
    });
  });
  source.on('end', () => {
    hasEnded = true;
    queue.add(schedule.dueNs(clock.nowNs(), 0), () => {
      sink.end();
    });
  });
  // An error is followed by `close`, which tells the other side.
  source.on('error', () => undefined);
  source.on('close', (hadError) => {
    if (hasEnded && !hadError) return;
    queue.add(schedule.dueNs(clock.nowNs(), 0), () => {
      cut(sink);
    });
  });
}

/** Ends a connection as a crash does: with a reset, where the kind of socket knows one. */
function cut(socket: Socket): void {
  // A unix socket has no address family, and TLS hides the handle that would send the reset.
  if (socket.remoteFamily !== undefined && !('encrypted' in socket)) socket.resetAndDestroy();
  else socket.destroy();
}
