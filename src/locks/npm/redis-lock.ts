/**
 * `redis-lock`: SET NX on one master, released by a bare DEL that the client's clock guards.
 *
 * It never gives up: it asks again for ever, after errors too, and so knows neither `held` nor `indeterminate`. The
 * client that it is given counts its attempts, and answers no more once the acquisition was aborted, which ends its
 * loop. It has no token, states no validity, and tells by its DEL whether there was a key.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DISCONNECT_TIMEOUT_MS } from '../../redlock/limits.js';
import type { AcquireOutcome, ReleaseOutcome } from '../lock-client.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import type { Driven, NpmLibrary } from './library.js';
import { connectNodeRedis, endNodeRedis, type NodeRedis } from './node-redis.js';
import { equalRetries } from './retries.js';

/** Resolves with what DEL answered, or with nothing when its clock says that the ttl has passed. */
type Release = () => Promise<number | undefined>;
type MakeLock = (client: unknown, retryDelayMs?: number) => (name: string, ttlMs: number) => Promise<Release>;

export const REDIS_LOCK: NpmLibrary = {
  name: 'npm:redis-lock',
  package: { name: 'redis-lock', versions: ['1'] },
  testedVersion: '1.0.0',
  // It asks for the `v4` of its client, which later versions no longer have.
  client: { name: 'redis', versions: ['4'], aliases: ['redis4'], testedVersion: '4.7.1' },
  does: 'SET NX on one master, released by a DEL that only the client clock guards',
  retries: {
    own: 'every 50 ms, for ever',
    equal: 'one fixed delay, the mean of ours, since it has no jitter; it waits for ever, since it has no timeout',
  },
  // Its keys lack the prefix of the run.
  capabilities: { maxMasters: 1, canExtend: false, leavesKeys: true },
  keyOf: (resource) => `lock.${resource}`,
  flaw: 'It releases by a bare DEL, which deletes the lock of the next holder when it arrives after the ttl.',
  async open({ library, client: nodeRedis, context, profile }) {
    const makeLock = library as MakeLock;
    const [endpoint] = context.masters;
    if (endpoint === undefined) throw new RangeError('expected a master');
    const client = await connectNodeRedis(nodeRedis, endpoint);
    const delayMs = profile === 'equal' ? equalRetries(context.scenario).meanDelayMs : undefined;
    return new DrivenRedisLock((asked) => makeLock(asked, delayMs), client);
  },
};

class DrivenRedisLock implements Driven {
  readonly #lockOn: (client: unknown) => ReturnType<MakeLock>;
  readonly #client: NodeRedis;
  #granted = 0;
  #isClosed = false;

  constructor(lockOn: (client: unknown) => ReturnType<MakeLock>, client: NodeRedis) {
    this.#lockOn = lockOn;
    this.#client = client;
  }

  acquire(resources: readonly string[], ttlMs: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const key = requireOneResource(resources);
    return new Promise((resolve, reject) => {
      let attempts = 0;
      const asked = {
        v4: this.#client,
        set: (name: string, value: unknown, options: object): Promise<unknown> => {
          if (signal.aborted || this.#isClosed) {
            resolve({ status: 'aborted', attempts });
            return new Promise(() => undefined);
          }
          attempts++;
          return this.#client.set(name, value, options);
        },
        del: (name: string) => this.#client.del(name),
      };
      this.#lockOn(asked)(key, ttlMs).then((release) => {
        // Its value is a time of day, which others may have written, too.
        const token = `grant ${String(++this.#granted)}`;
        resolve({ status: 'acquired', attempts, lock: new NpmHeldLock(resources, token, undefined, release) });
      }, reject);
    });
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    return { status: (await (handle as Release)()) === 1 ? 'released' : 'lost' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.race([this.#client.quit().catch(() => undefined), sleep(DISCONNECT_TIMEOUT_MS)]);
    await endNodeRedis(this.#client);
  }
}
