/**
 * The end of connections that are accepted and never greeted.
 *
 * @module
 */
import type { Redis } from 'ioredis';
import { CONNECT_TIMEOUT_MS } from './limits.js';

/**
 * Reconnects when the handshake takes too long: the connect timeout of ioredis ends with the socket, so a server that says
 * nothing, or goes on loading, would hold a connection for ever.
 *
 * @param onLate hears why, before the connection is ended
 * @param onReady runs when the handshake is over; what it asks for counts as part of it. It never rejects
 */
export function watchGreeting(
  redis: Pick<Redis, 'on' | 'disconnect'>,
  onLate: (reason: string) => void = () => undefined,
  onReady: () => Promise<unknown> = () => Promise.resolve(),
): void {
  /** From the connection of the socket to the end of the handshake. */
  let timer: NodeJS.Timeout | undefined;
  redis.on('connect', () => {
    timer = setTimeout(() => {
      onLate(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`);
      redis.disconnect(true);
    }, CONNECT_TIMEOUT_MS);
  });
  redis.on('close', () => {
    clearTimeout(timer);
  });
  redis.on('ready', () => {
    // By then it may be another connection that is being greeted.
    const own = timer;
    void onReady().then(() => {
      clearTimeout(own);
    });
  });
}
