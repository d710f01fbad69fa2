/**
 * `simple-redis-mutex`: SET NX on one master, released by a script that also publishes, which wakes the waiters.
 *
 * It lets the errors of its commands fall into unhandled rejections, which would end the thread: the client that it is
 * given keeps them from it, and they make the acquisition indeterminate. That client also counts attempts and sees the
 * token, and ends the waiting of an aborted acquisition by a grant of its own making, which never reaches the server.
 * The release script answers nothing, so a lost lock is released like any other. It states no validity; its
 * `refreshTimeout` takes no ttl and is not atomic, so it counts as one that does not extend.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../../model/errors.js';
import { DISCONNECT_TIMEOUT_MS } from '../../redlock/limits.js';
import type { AcquireOutcome, ReleaseOutcome } from '../lock-client.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import type { Driven, NpmLibrary } from './library.js';
import { connectNodeRedis, endNodeRedis, type NodeRedis } from './node-redis.js';
import { equalRetries } from './retries.js';

type Release = () => Promise<void>;

interface Library {
  lock(client: unknown, name: string, options: object): Promise<Release>;
  tryLock(client: unknown, name: string, options: object): Promise<readonly [boolean, Release]>;
}

/** The further commands that the library sends, all passed on as they are. */
const PASSED_ON = ['eval', 'evalSha', 'scriptLoad', 'get', 'pExpire'] as const;

type Client = NodeRedis & Record<(typeof PASSED_ON)[number] | 'incr', (...parameters: unknown[]) => Promise<unknown>>;

export const SIMPLE_REDIS_MUTEX: NpmLibrary = {
  name: 'npm:simple-redis-mutex',
  package: { name: 'simple-redis-mutex', versions: ['3'] },
  testedVersion: '3.0.0',
  client: { name: 'redis', versions: ['5', '6'], testedVersion: '6.3.1' },
  does: 'SET NX on one master, then INCR for a fencing token; released by compare and delete, which wakes the waiters',
  retries: {
    own: 'woken by releases, and every 10 s, for ever',
    equal: 'acquire timeout as ours; woken by releases, and at one fixed interval, the mean of our delays',
  },
  // Its counter of fencing tokens has no ttl, and none of its keys has the prefix of the run.
  capabilities: { maxMasters: 1, canExtend: false, leavesKeys: true },
  keyOf: (resource) => `@simple-redis-mutex:lock-${resource}`,
  flaw:
    'It mints its fencing token in a second command, so an older holder can get the higher one, and an acquisition that ' +
    'timed out can still be granted, which nobody releases.',
  async open({ library, client: nodeRedis, context, profile }) {
    const [endpoint] = context.masters;
    if (endpoint === undefined) throw new RangeError('expected a master');
    const client = (await connectNodeRedis(nodeRedis, endpoint)) as Client;
    const { acquireTimeoutMs } = context.scenario;
    const { meanDelayMs } = equalRetries(context.scenario);
    const retries = profile === 'equal' ? { failAfter: acquireTimeoutMs, pollingInterval: meanDelayMs } : {};
    return new DrivenSimpleRedisMutex(library as Library, retries, client);
  },
};

class DrivenSimpleRedisMutex implements Driven {
  readonly #library: Library;
  readonly #retries: { readonly failAfter?: number };
  readonly #client: Client;
  readonly #passedOn: object;
  readonly #subscribers: NodeRedis[] = [];
  #isClosed = false;

  constructor(library: Library, retries: { readonly failAfter?: number }, client: Client) {
    this.#library = library;
    this.#retries = retries;
    this.#client = client;
    this.#passedOn = {
      ...Object.fromEntries(PASSED_ON.map((name) => [name, client[name].bind(client)])),
      duplicate: () => this.#subscriber(),
      // What it does at the end of its client is to close its subscriber, which may be closed already.
      on: (event: string, listener: () => Promise<unknown>) =>
        client.on(event, () => void listener().catch(() => undefined)),
    };
  }

  acquire(resources: readonly string[], timeout: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const name = requireOneResource(resources);
    return new Promise((resolve) => {
      let attempts = 0;
      let token = '';
      let isOver = false;
      const end = (outcome: AcquireOutcome): void => {
        isOver = true;
        resolve(outcome);
      };
      const fail = (thrown: unknown): Promise<never> => {
        end({ status: 'indeterminate', attempts, cause: toError(thrown) });
        return new Promise(() => undefined);
      };
      const asked = {
        ...this.#passedOn,
        set: (key: string, value: string, options: object): Promise<unknown> => {
          if (isOver || signal.aborted || this.#isClosed) {
            end({ status: 'aborted', attempts });
            return Promise.resolve('OK');
          }
          attempts++;
          token = value;
          return this.#client.set(key, value, options).catch(fail);
        },
        incr: (key: string): Promise<unknown> => (isOver ? Promise.resolve(0) : this.#client.incr(key).catch(fail)),
      };
      this.#ask(asked, name, timeout).then((release) => {
        if (release === undefined) end({ status: 'held', attempts });
        else if (!isOver) {
          end({ status: 'acquired', attempts, lock: new NpmHeldLock(resources, token, undefined, release) });
        }
      }, fail);
    });
  }

  /** Undefined when the lock is held, and its time to wait is over. */
  async #ask(asked: object, name: string, timeout: number): Promise<Release | undefined> {
    const { failAfter } = this.#retries;
    if (failAfter === 0) {
      const [isGranted, release] = await this.#library.tryLock(asked, name, { timeout });
      return isGranted ? release : undefined;
    }
    try {
      return await this.#library.lock(asked, name, { timeout, ...this.#retries });
    } catch (thrown) {
      if (toError(thrown).message.includes('could not be acquired after')) return undefined;
      throw thrown;
    }
  }

  async release({ handle }: NpmHeldLock): Promise<ReleaseOutcome> {
    await (handle as Release)();
    return { status: 'released' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.race([this.#client.quit().catch(() => undefined), sleep(DISCONNECT_TIMEOUT_MS)]);
    await Promise.all([this.#client, ...this.#subscribers].map(endNodeRedis));
  }

  /** First acquisitions that come together open one each, of which the library would close only the last. */
  #subscriber(): NodeRedis {
    const subscriber = quiet(this.#client.duplicate());
    this.#subscribers.push(subscriber);
    return subscriber;
  }
}

/** A subscriber whose errors the library would write to the terminal, and whose closing may fail. */
function quiet(subscriber: NodeRedis): NodeRedis {
  const on = subscriber.on.bind(subscriber);
  subscriber.on = (event, listener) => on(event, event === 'error' ? () => undefined : listener);
  return subscriber;
}
