/**
 * Our own client as a contender, once for each transport and way of waking up.
 *
 * @module
 */
import type { Lock } from '../../src/redlock/lock.js';
import { Redlock } from '../../src/redlock/redlock.js';
import type { Contender, OpenClient } from './contender.js';

interface Variant {
  readonly transport: 'ioredis' | 'wire';
  readonly wakeUp: 'notify' | 'poll';
}

/** Our client with its defaults but for the variant. */
export function ours(name: string, { transport, wakeUp }: Variant): Contender {
  return {
    name,
    isOurs: true,
    given: `transport ${transport}, wakeUp ${wakeUp}, else its own defaults`,
    open: async (urls): Promise<OpenClient<Lock>> => {
      const redlock = new Redlock(urls, { transport, wakeUp });
      await redlock.connect(urls.length);
      return {
        acquire: async (key, ttlMs) => {
          const outcome = await redlock.tryAcquire(key, ttlMs);
          return outcome.status === 'acquired' ? outcome.lock : undefined;
        },
        release: (lock) => lock.release(),
        keepAlive: (lock) => lock.keepAlive(),
        close: () => redlock.close(),
      };
    },
  };
}
