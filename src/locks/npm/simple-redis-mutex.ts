/**
 * `simple-redis-mutex`: SET NX on one master, released by a script that also publishes, which wakes the waiters.
 *
 * It lets the errors of its commands fall into unhandled rejections, which would end the thread: the client that it is
 * given keeps them from it, and they make the acquisition indeterminate. That client also counts attempts and refusals and
 * sees the token, and ends the waiting of an aborted acquisition by a grant of its own making, which never reaches the
 * server. The release script answers nothing, so a lost lock is released like any other. It states no validity: the promise
 * counts from the SET that was granted. Its `refreshTimeout` takes no ttl and is not atomic, so it counts as one that does
 * not extend.
 *
 * @module
 */
import { toError } from '../../model/errors.js';
import { msToNs, type Clock, type Ns } from '../../model/time.js';
import { DISCONNECT_TIMEOUT_MS } from '../../redlock/limits.js';
import { RELEASE } from '../../redlock/scripts.js';
import type { AcquireOutcome, ReleaseOutcome } from '../lock-client.js';
import { onlyMaster } from '../single-server.js';
import { NpmHeldLock, requireOneResource } from './held-lock.js';
import type { Driven, NpmLibrary } from './library.js';
import { endNodeRedis, openOnNodeRedis, type NodeRedis } from './node-redis.js';
import { equalRetries } from './retries.js';
import { within } from './within.js';

type Release = () => Promise<void>;

interface Library {
  lock(client: unknown, name: string, options: object): Promise<Release>;
  tryLock(client: unknown, name: string, options: object): Promise<readonly [boolean, Release]>;
}

/** The further commands that the library sends, all passed on as they are. */
const PASSED_ON = ['eval', 'evalSha', 'scriptLoad', 'get', 'pExpire'] as const;

type Client = NodeRedis & Record<(typeof PASSED_ON)[number] | 'incr', (...parameters: unknown[]) => Promise<unknown>>;

/** What it uses of a subscriber. */
type Subscriber = Pick<NodeRedis, 'on' | 'connect'> & {
  readonly isOpen: boolean;
  subscribe(...parameters: unknown[]): Promise<unknown>;
  unsubscribe(...parameters: unknown[]): Promise<unknown>;
  close(): Promise<unknown>;
};

/** The SET of an attempt that was granted. */
interface Grant {
  readonly key: string;
  readonly token: string;
  readonly sentNs: Ns;
}

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
    const { acquireTimeoutMs } = context.scenario;
    const { meanDelayMs } = equalRetries(context.scenario);
    const retries = profile === 'equal' ? { failAfter: acquireTimeoutMs, pollingInterval: meanDelayMs } : {};
    const build = (client: NodeRedis): DrivenSimpleRedisMutex =>
      new DrivenSimpleRedisMutex(library as Library, retries, client as Client, context.clock);
    return await openOnNodeRedis(nodeRedis, onlyMaster(context.masters), build);
  },
};

class DrivenSimpleRedisMutex implements Driven {
  readonly #library: Library;
  readonly #retries: { readonly failAfter?: number };
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #passedOn: object;
  readonly #subscribers: NodeRedis[] = [];
  #isClosed = false;

  constructor(library: Library, retries: { readonly failAfter?: number }, client: Client, clock: Clock) {
    this.#library = library;
    this.#clock = clock;
    this.#retries = retries;
    this.#client = client;
    this.#passedOn = {
      ...Object.fromEntries(PASSED_ON.map((name) => [name, client[name].bind(client)])),
      duplicate: () => this.#subscriber(),
      // What it does at the end of its client is to close its subscriber, which may be closed already.
      on: (event: string, listener: () => Promise<unknown>) => {
        if (!this.#isClosed) client.on(event, () => void listener().catch(() => undefined));
      },
    };
  }

  acquire(resources: readonly string[], timeout: number, signal: AbortSignal): Promise<AcquireOutcome> {
    const name = requireOneResource(resources);
    return new Promise((resolve) => {
      let attempts = 0;
      let refusals = 0;
      let grant: Grant | undefined;
      let isOver = false;
      /** Whether it was ended here, and not by the library: then no grant is its own affair any more. */
      let isCutShort = false;
      const end = (outcome: AcquireOutcome): void => {
        isOver = true;
        isCutShort ||= outcome.status === 'aborted' || outcome.status === 'indeterminate';
        resolve(outcome);
      };
      const fail = (thrown: unknown): Promise<never> => {
        end({ status: 'indeterminate', attempts, cause: toError(thrown) });
        return new Promise(() => undefined);
      };
      const asked = {
        ...this.#passedOn,
        set: async (key: string, value: string, options: object): Promise<unknown> => {
          if (isOver || signal.aborted || this.#isClosed) {
            end({ status: 'aborted', attempts });
            return 'OK';
          }
          attempts++;
          const sentNs = this.#clock.nowNs();
          const reply = await this.#client.set(key, value, options).catch(fail);
          if (reply !== 'OK') refusals++;
          // Attempts overlap, and another one has ended the waiting: nobody would release what this one was granted.
          else if (isCutShort) await this.#delete(key, value);
          else grant ??= { key, token: value, sentNs };
          return reply;
        },
        incr: (key: string): Promise<unknown> => (isOver ? Promise.resolve(0) : this.#client.incr(key).catch(fail)),
      };
      this.#ask(asked, name, timeout).then(async (release) => {
        if (release === undefined) end(refusals > 0 ? { status: 'held', attempts } : unanswered(attempts));
        else if (grant !== undefined) {
          const { key, token, sentNs } = grant;
          // Another attempt ended the waiting between this grant and its fencing token.
          if (isOver) {
            await this.#delete(key, token);
            return;
          }
          const lock = new NpmHeldLock(resources, token, sentNs + msToNs(timeout), release);
          end({ status: 'acquired', attempts, lock });
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
    await within(DISCONNECT_TIMEOUT_MS, this.#client.quit());
    await Promise.all([this.#client, ...this.#subscribers].map(endNodeRedis));
  }

  /** It never rejects: a key that stays has its ttl. */
  async #delete(key: string, token: string): Promise<void> {
    await this.#client.eval(RELEASE.body, { keys: [key], arguments: [token] }).catch(() => undefined);
  }

  /** First acquisitions that come together open one each, of which the library would close only the last. */
  #subscriber(): Subscriber {
    // A poll of an acquisition that was given up can come after the closing.
    if (this.#isClosed) return NO_SUBSCRIBER;
    const subscriber = this.#client.duplicate();
    this.#subscribers.push(subscriber);
    return quiet(subscriber as NodeRedis & Subscriber);
  }
}

/** No attempt was answered, so nothing is known about the lock. */
function unanswered(attempts: number): AcquireOutcome {
  const cause = new Error(`expected an answer to one of ${String(attempts)} attempts, got none`);
  return { status: 'indeterminate', attempts, cause };
}

/**
 * A subscriber whose errors the library would write to the terminal, and whose failures it would let become unhandled
 * rejections. Who could not subscribe is not woken, and polls; the next attempt asks for another subscriber.
 */
function quiet<S extends Subscriber>(subscriber: S): S {
  const on = subscriber.on.bind(subscriber);
  const connect = subscriber.connect.bind(subscriber);
  const subscribe = subscriber.subscribe.bind(subscriber);
  return Object.assign(subscriber, {
    on: (event: string, listener: (...values: unknown[]) => unknown) =>
      on(event, event === 'error' ? () => undefined : listener),
    connect: () => connect().catch(() => undefined),
    subscribe: (...parameters: unknown[]) => subscribe(...parameters).catch(() => undefined),
  });
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);

/** For a client that is closed; not open, so that the library asks the next client for one. */
const NO_SUBSCRIBER: Subscriber = {
  isOpen: false,
  on: () => undefined,
  connect: nothing,
  subscribe: nothing,
  unsubscribe: nothing,
  close: nothing,
};
