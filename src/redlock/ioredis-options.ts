/**
 * How a connection of ioredis is set up for locks, and ended.
 *
 * @module
 */
import type { Redis, RedisOptions } from 'ioredis';
import type { Endpoint } from '../model/endpoint.js';
import { endpointOptions } from '../model/endpoint-options.js';
import type { Random } from '../model/random.js';
import { CONNECT_TIMEOUT_MS, DISCONNECT_TIMEOUT_MS, RECONNECT_DELAY_MS, RECONNECT_JITTER_MS } from './limits.js';

/** Where an endpoint is and who may enter, with the options that locks need. */
export function connectionOptions(endpoint: Endpoint, random: Random): RedisOptions & { replyMapping: 'legacy' } {
  return { ...endpointOptions(endpoint), ...safeOptions(random) };
}

/**
 * The options without which ioredis makes locks that nobody holds.
 *
 * Its defaults queue commands while it is offline and send unanswered ones again: a SET whose caller was told of a
 * failure then takes the key after all, and a SET whose reply was lost is refused by its own key.
 * `maxRetriesPerRequest: 0` fails what is in flight as soon as the connection drops; with only the re-send switched
 * off, those commands would never settle. Auto-pipelining would hold commands back until earlier ones are answered,
 * and a command timeout would set a timer for each.
 */
export function safeOptions(random: Random): RedisOptions & { replyMapping: 'legacy' } {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    commandTimeout: undefined,
    socketTimeout: undefined,
    reconnectOnError: null,
    showFriendlyErrorStack: false,
    stringNumbers: false,
    replyMapping: 'legacy',
    disableClientInfo: true,
    noDelay: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: () => RECONNECT_DELAY_MS + random.next() * RECONNECT_JITTER_MS,
  };
}

/** Closes a connection; resolves when its socket is gone. */
export function disconnect(redis: Redis): Promise<void> {
  const { status } = redis;
  return new Promise((resolve) => {
    // Without a socket ioredis has nothing whose end it could report.
    const hasSocket = status === 'connecting' || status === 'connect' || status === 'ready';
    if (hasSocket) redis.once('end', resolve);
    redis.disconnect();
    if (!hasSocket) resolve();
  });
}
