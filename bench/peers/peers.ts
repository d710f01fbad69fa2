/**
 * The npm peers as contenders: each with its own defaults, on ioredis instances with theirs, all of one version.
 *
 * @module
 */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Redlock as SesameRedlock } from '@sesamecare-oss/redlock';
import { Redis } from 'ioredis';
import { RedlockMutex } from 'redis-semaphore';
import { IoredisAdapter, RedLock as UniversalRedLock } from 'redlock-universal';
import Redlock4 from 'redlock4';
import Redlock5 from 'redlock5';
import type { Contender, OpenClient } from './contender.js';

type Api<Held> = Omit<OpenClient<Held>, 'close'>;

/** One copy for all: ours, and what each peer finds. */
const IOREDIS_VERSION = (createRequire(import.meta.url)('ioredis/package.json') as { version: string }).version;

export const PEERS: readonly Contender[] = [
  peer('redlock 4', 'redlock 4.2.0', (clients) => {
    const redlock = new Redlock4(clients);
    return {
      acquire: (key, ttlMs) => redlock.lock(key, ttlMs),
      release: (lock) => lock.unlock(),
    };
  }),
  peer('redlock 5', 'redlock 5.0.0-beta.2', (clients) => {
    const redlock = new Redlock5(clients);
    return {
      acquire: (key, ttlMs) => redlock.acquire([key], ttlMs),
      release: (lock) => lock.release(),
    };
  }),
  peer('sesamecare', '@sesamecare-oss/redlock 1.4.0', (clients) => {
    const redlock = new SesameRedlock(clients);
    return {
      acquire: (key, ttlMs) => redlock.acquire([key], ttlMs),
      release: (lock) => lock.release(),
    };
  }),
  peer('redis-semaphore', 'redis-semaphore 5.8.0', (clients) => ({
    acquire: async (key, ttlMs) => {
      const mutex = new RedlockMutex(clients, key, { lockTimeout: ttlMs });
      await mutex.acquire();
      return mutex;
    },
    release: (mutex) => mutex.release(),
  })),
  peer('redlock-universal', 'redlock-universal 0.8.5 (which asks for Node 22)', (clients) => {
    const adapters = clients.map((client) => new IoredisAdapter(client));
    return {
      acquire: async (key, ttl) => {
        const lock = new UniversalRedLock({ adapters, key, ttl });
        return { lock, handle: await lock.acquire() };
      },
      release: ({ lock, handle }) => lock.release(handle),
    };
  }),
];

function peer<Held>(name: string, version: string, wrap: (clients: Redis[]) => Api<Held>): Contender {
  return {
    name,
    isOurs: false,
    given: `${version} with its own defaults, on ioredis ${IOREDIS_VERSION} with its own`,
    open: async (urls): Promise<OpenClient<Held>> => {
      const clients = urls.map((url) => new Redis(url));
      await Promise.all(clients.map((client) => once(client, 'ready')));
      return {
        ...wrap(clients),
        close: async () => {
          await Promise.all(clients.map((client) => client.quit()));
        },
      };
    },
  };
}
