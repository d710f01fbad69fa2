/**
 * `redis-lock`: SET NX on one master, released by a bare DEL that the client's clock guards.
 *
 * It never gives up: it asks again for ever, after errors too, and so knows neither `held` nor `indeterminate`. The
 * client that it is given counts its attempts, and answers no more once the acquisition was aborted, which ends its
 * loop. It has no token, and tells by its DEL whether there was a key. It states no validity: the promise counts from the
 * SET that was granted.
 *
 * @module
 */
import { msToNs, type Clock, type Ns } from '../../model/time.js';
import { DISCONNECT_TIMEOUT_MS } from '../../redlock/limits.js';
import type { AcquireOutcome, ReleaseOutcome } from '../lock-client.js';
import { onlyMaster } from '../single-server.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import type { Driven, NpmLibrary } from './library.js';
import { endNodeRedis, openOnNodeRedis, type NodeRedis } from './node-redis.js';
import { equalRetries } from './retries.js';
import { within } from './within.js';

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
    const delayMs = profile === 'equal' ? equalRetries(context.scenario).meanDelayMs : undefined;
    const build = (client: NodeRedis): DrivenRedisLock =>
      new DrivenRedisLock((asked) => makeLock(asked, delayMs), client, context.clock);
    return await openOnNodeRedis(nodeRedis, onlyMaster(context.masters), build);
  },
};

class DrivenRedisLock implements Driven {
  readonly #lockOn: (client: unknown) => ReturnType<MakeLock>;
  readonly #client: NodeRedis;
  readonly #clock: Clock;
  #granted = 0;
  #isClosed = false;

  constructor(lockOn: (client: unknown) => ReturnType<MakeLock>, client: NodeRedis, clock: Clock) {
    this.#lockOn = lockOn;
    this.#clock = clock;
    this.#client = client;
  }

  acquire(resources: readonly string[], ttlMs: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const key = requireOneResource(resources);
    return new Promise((resolve, reject) => {
      let attempts = 0;
      // Of its last SET: it makes one attempt after the other, so that is the one that is granted.
      let sentNs: Ns = 0;
      const asked = {
        v4: this.#client,
        set: (name: string, value: unknown, options: object): Promise<unknown> => {
          if (signal.aborted || this.#isClosed) {
            resolve({ status: 'aborted', attempts });
            return new Promise(() => undefined);
          }
          attempts++;
          sentNs = this.#clock.nowNs();
          return this.#client.set(name, value, options);
        },
        del: (name: string) => this.#client.del(name),
      };
      this.#lockOn(asked)(key, ttlMs).then((release) => {
        // Its value is a time of day, which others may have written, too.
        const token = `grant ${String(++this.#granted)}`;
        const lock = new NpmHeldLock(resources, token, sentNs + msToNs(ttlMs), release);
        resolve({ status: 'acquired', attempts, lock });
      }, reject);
    });
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    return { status: (await (handle as Release)()) === 1 ? 'released' : 'lost' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await within(DISCONNECT_TIMEOUT_MS, this.#client.quit());
    await endNodeRedis(this.#client);
  }
}
