/**
 * A ready connection for locks that stand outside of this package, where no Redis client may be installed.
 *
 * @module
 */
import { Redis } from 'ioredis';
import { describeFailure, describeUnreachable } from '../model/connection-failure.js';
import { describeEndpoint, type Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import { watchGreeting } from '../redlock/greeting-watch.js';
import { connectionOptions, disconnect } from '../redlock/ioredis-options.js';
import { CONNECT_TIMEOUT_MS } from '../redlock/limits.js';

export interface RedisConnectionSettings {
  /** After this long a command is rejected; what it asked for may be done all the same. */
  readonly nodeTimeoutMs: number;
  /** For the wait before a reconnection. */
  readonly random: Random;
}

/**
 * Connects to a master. Commands are sent once and in their order; they are rejected after the node timeout, and at once
 * while the master is away.
 *
 * @throws EnvironmentError when the master cannot be reached
 */
export async function connectRedis(
  endpoint: Endpoint,
  { nodeTimeoutMs, random }: RedisConnectionSettings,
): Promise<Redis> {
  const redis = new Redis(connectionOptions(endpoint, random));
  // What ioredis rejects with says only that the connection was closed; its event says why.
  let reason: unknown;
  redis.on('error', (error: unknown) => (reason ??= error));
  watchGreeting(redis);
  const timer = setTimeout(() => {
    reason = new Error(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`);
    redis.disconnect();
  }, CONNECT_TIMEOUT_MS);
  try {
    await redis.connect();
    // Not before: it would hold for the handshake, too, which may take longer than a vote.
    redis.options.commandTimeout = nodeTimeoutMs;
    return redis;
  } catch (thrown) {
    await disconnect(redis);
    const got = describeFailure(reason ?? thrown);
    throw new EnvironmentError(
      describeUnreachable(describeEndpoint(endpoint), got),
      // Its words alone: ioredis hangs the failed command on an error, and that may be AUTH with its password.
      { cause: new Error(got) },
    );
  } finally {
    clearTimeout(timer);
  }
}
