/**
 * A master behind ioredis.
 *
 * @module
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError, toError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import { GRANTED, REFUSED, type Ballot, type Master, type ScriptReply, type Vote } from './master.js';
import { ACQUIRE_ALL, EXTEND, RELEASE, SCRIPTS, type Script } from './scripts.js';

const CONNECT_TIMEOUT_MS = 5_000;
const DISCONNECT_TIMEOUT_MS = 500;
const RECONNECT_DELAY_MS = 50;
const RECONNECT_JITTER_MS = 100;
/** A master that has swallowed so many commands without a reply gets no further acquiring ones: memory is finite. */
const MOST_UNANSWERED = 100_000;

/** The part of ioredis that a user's own instance must have; any copy and version 5 or 6 of the library has it. */
export type UserRedis = Pick<Redis, 'duplicate' | 'options' | 'isCluster'>;

/** Opens a connection of our own to an endpoint; nothing is sent before `connect`. */
export function ioredisMaster(endpoint: Endpoint, name: string, index: number, random: Random): Master {
  const { socket } = endpoint;
  const redis = new Redis({
    ...(socket.kind === 'unix' ? { path: socket.path } : { host: socket.host, port: socket.port }),
    ...(socket.kind === 'tcp' && socket.tls ? { tls: {} } : {}),
    ...(endpoint.username === undefined ? {} : { username: endpoint.username }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    db: endpoint.database,
    ...safeOptions(random),
  });
  return new IoredisMaster(redis, name, index);
}

/** Opens a connection like a user's own, with the options that locks need. The user's instance stays untouched. */
export function duplicateMaster(redis: UserRedis, name: string, index: number, random: Random): Master {
  return new IoredisMaster(redis.duplicate(safeOptions(random)), name, index);
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
function safeOptions(random: Random) {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: false,
    commandTimeout: undefined,
    socketTimeout: undefined,
    reconnectOnError: null,
    showFriendlyErrorStack: false,
    stringNumbers: false,
    replyMapping: 'legacy' as const,
    disableClientInfo: true,
    noDelay: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    retryStrategy: () => RECONNECT_DELAY_MS + random.next() * RECONNECT_JITTER_MS,
  } satisfies RedisOptions;
}

/** How a reply becomes a vote: `OK` of SET, 1 of a script; null and 0 are refusals. */
const isGrant = (reply: unknown): boolean => reply === 'OK' || reply === 1;

type Failure = Extract<Vote, { kind: 'failed' }>;

const neverSent = (cause: Error): Failure => ({ kind: 'failed', reached: 'never', cause });

/** A failed command's vote: an error reply was answered, anything else may have reached the master. */
function failureOf(error: Error): Failure {
  return { kind: 'failed', reached: error.name === 'ReplyError' ? 'answered' : 'maybe', cause: error };
}

class IoredisMaster implements Master {
  readonly name: string;
  readonly #redis: Redis;
  readonly #index: number;
  #loaded: Promise<unknown> = Promise.resolve();
  /** The vote without a connection, made once for each loss of it: a stack trace for every command would be dear. */
  #offline = neverSent(new Error('not connected yet; call connect() first'));
  readonly #overloaded = neverSent(new Error(`${String(MOST_UNANSWERED)} commands are unanswered`));
  #unanswered = 0;
  #isClosed = false;
  /** Where messages come in. A connection of its own: one that speaks RESP2 can do nothing else once it subscribes. */
  #subscriber: Redis | undefined;
  #isSubscribed = false;
  #corked: Redis['stream'] | undefined;
  readonly #uncork = (): void => {
    this.#corked?.uncork();
    this.#corked = undefined;
  };

  constructor(redis: Redis, name: string, index: number) {
    this.name = name;
    this.#index = index;
    this.#redis = redis;
    redis.on('error', (error: unknown) => {
      // Its message alone: ioredis hangs the failed command on an error, and that may be AUTH with its password.
      this.#offline = neverSent(new Error(toError(error).message));
    });
    redis.on('ready', () => {
      this.#offline = neverSent(new Error('the connection was lost'));
      // A server that forbids SCRIPT LOAD gets the scripts by EVAL when it misses one.
      this.#loaded = Promise.allSettled(SCRIPTS.map(({ body }) => redis.script('LOAD', body)));
    });
  }

  async connect(): Promise<void> {
    if (this.#redis.status !== 'ready') {
      // Its own promise says no more than the events, and rejects when a reconnection is already on its way.
      if (this.#redis.status === 'wait') this.#redis.connect().catch(() => undefined);
      await this.#nextConnection();
    }
    await this.#loaded;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([disconnect(this.#redis), this.#subscriber && disconnect(this.#subscriber)]);
  }

  onReady(listener: () => void): void {
    this.#redis.on('ready', listener);
  }

  onLost(listener: (cause: Error) => void): void {
    let wasReady = false;
    this.#redis.on('ready', () => (wasReady = true));
    this.#redis.on('close', () => {
      if (wasReady && !this.#isClosed) listener(this.#offline.cause);
      wasReady = false;
    });
  }

  setIfAbsent(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    if (this.#unanswered >= MOST_UNANSWERED) {
      ballot.vote(this.#index, this.#overloaded);
      return;
    }
    const [resource] = resources;
    if (resources.length > 1 || resource === undefined) {
      this.#run(ACQUIRE_ALL, resources, [token, ttlMs], ballot);
    } else if (this.#isWritable(ballot)) {
      void this.#redis.set(resource, token, 'PX', ttlMs, 'NX', (error, reply) => {
        this.#answer(ballot, error, reply);
      });
    }
  }

  compareAndExpire(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.#run(EXTEND, resources, [token, ttlMs], ballot);
  }

  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    this.#run(RELEASE, resources, [token], ballot);
  }

  evaluate(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onReply: (reply: ScriptReply) => void,
  ): void {
    const { status } = this.#redis;
    if (status !== 'ready') {
      onReply(this.#offline);
      return;
    }
    this.#cork();
    void this.#redis.evalsha(script.sha, keys.length, ...keys, ...args, (error, reply) => {
      if (error?.message.startsWith('NOSCRIPT') !== true) onReply(error ? failureOf(error) : (reply as ScriptReply));
      else if (this.#redis.status !== 'ready') onReply(this.#offline);
      else {
        this.#cork();
        void this.#redis.eval(script.body, keys.length, ...keys, ...args, (again, second) => {
          onReply(again ? failureOf(again) : (second as ScriptReply));
        });
      }
    });
  }

  publish(channel: string, message: string, onReply: (receivers: number) => void): void {
    if (this.#redis.status !== 'ready') {
      onReply(0);
      return;
    }
    this.#cork();
    void this.#redis.publish(channel, message, (error, receivers) => {
      onReply(error ? 0 : (receivers ?? 0));
    });
  }

  subscribe(channel: string, onMessage: (message: string) => void): void {
    if (this.#subscriber !== undefined || this.#isClosed) return;
    const subscriber = this.#redis.duplicate({ lazyConnect: false });
    this.#subscriber = subscriber;
    subscriber.on('error', () => undefined);
    subscriber.on('message', (_channel, message) => {
      onMessage(message);
    });
    subscriber.on('ready', () => {
      subscriber.subscribe(channel).then(
        () => (this.#isSubscribed = true),
        () => undefined,
      );
    });
    subscriber.on('close', () => (this.#isSubscribed = false));
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  #run(script: Script, resources: readonly string[], args: readonly (string | number)[], ballot: Ballot): void {
    if (!this.#isWritable(ballot)) return;
    void this.#redis.evalsha(script.sha, resources.length, ...resources, ...args, (error, reply) => {
      if (error?.message.startsWith('NOSCRIPT') === true) this.#runBody(script, resources, args, ballot);
      else this.#answer(ballot, error, reply);
    });
  }

  /**
   * Sends a script that the master has lost, by a restart or SCRIPT FLUSH: one more round trip, no failed lock.
   *
   * This command is written later than its caller believes. If the attempt was settled meanwhile, its release may be on
   * its way already (the master may know that script), and acquiring now would leave a key that nobody releases.
   */
  #runBody(script: Script, resources: readonly string[], args: readonly (string | number)[], ballot: Ballot): void {
    this.#unanswered--;
    if (script === ACQUIRE_ALL && !ballot.isOpen) {
      ballot.vote(this.#index, neverSent(new Error('the attempt was settled before its script was loaded')));
    } else if (this.#isWritable(ballot)) {
      void this.#redis.eval(script.body, resources.length, ...resources, ...args, (error, reply) => {
        this.#answer(ballot, error, reply);
      });
    }
  }

  /**
   * Prepares the socket for one command, or votes at once that there is none.
   *
   * The socket is corked until the tick ends, so that all its commands leave in one write; a command of its own is not
   * delayed, because the uncorking runs before the event loop goes on.
   */
  #isWritable(ballot: Ballot): boolean {
    if (this.#redis.status !== 'ready') {
      ballot.vote(this.#index, this.#offline);
      return false;
    }
    this.#unanswered++;
    this.#cork();
    return true;
  }

  #cork(): void {
    const { stream } = this.#redis;
    if (this.#corked === stream) return;
    if (this.#corked === undefined) process.nextTick(this.#uncork);
    else this.#corked.uncork();
    this.#corked = stream;
    stream.cork();
  }

  #answer(ballot: Ballot, error: Error | null | undefined, reply: unknown): void {
    this.#unanswered--;
    if (error) ballot.vote(this.#index, failureOf(error));
    else ballot.vote(this.#index, isGrant(reply) ? GRANTED : REFUSED);
  }

  /** Resolves when the connection is ready and rejects when the next try to connect fails. */
  #nextConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onReady = (): void => {
        this.#redis.off('close', onClose);
        resolve();
      };
      const onClose = (): void => {
        this.#redis.off('ready', onReady);
        const reason = this.#offline.cause;
        reject(
          new EnvironmentError(
            `${this.name}: expected a Redis server, got ${reason.message}; start it or correct the endpoint`,
            { cause: reason },
          ),
        );
      };
      this.#redis.once('ready', onReady);
      this.#redis.once('close', onClose);
    });
  }
}

function disconnect(redis: Redis): Promise<void> {
  const { status } = redis;
  return new Promise((resolve) => {
    // Without a socket ioredis has nothing whose end it could report.
    const hasSocket = status === 'connecting' || status === 'connect' || status === 'ready';
    if (hasSocket) redis.once('end', resolve);
    redis.disconnect();
    if (!hasSocket) resolve();
  });
}
