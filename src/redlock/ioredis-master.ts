/**
 * A master behind ioredis.
 *
 * @module
 */
import { Redis } from 'ioredis';
import { describeFailure, describeUnreachable } from '../model/connection-failure.js';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Commands } from '../model/scenario.js';
import {
  describeLack,
  DIALECT_QUESTION,
  isCommandRefused,
  isOutOfMemory,
  readDialect,
  SCRIPTS_ONLY,
} from './dialect.js';
import { watchGreeting } from './greeting-watch.js';
import { connectionOptions, disconnect, safeOptions } from './ioredis-options.js';
import { MOST_UNANSWERED, OVERLOADED, SILENT, TOO_LATE } from './limits.js';
import { neverSent, readVote, type Ballot, type Failure, type Master, type ScriptReply } from './master.js';
import type { RespValue } from './resp-reader.js';
import { ACQUIRE_ALL, EXTEND, RELEASE, SCRIPTS, type Script } from './scripts.js';
import { SilenceWatch } from './silence-watch.js';

/** The part of ioredis that a user's own instance must have; any copy and version 5 or 6 of the library has it. */
export type UserRedis = Pick<Redis, 'duplicate' | 'options' | 'isCluster'>;

export interface IoredisSettings {
  readonly commands: Commands;
  /** For the wait before a reconnection. */
  readonly random: Random;
}

/** Opens a connection of our own to an endpoint; nothing is sent before `connect`. */
export function ioredisMaster(endpoint: Endpoint, name: string, index: number, settings: IoredisSettings): Master {
  const redis = new Redis(connectionOptions(endpoint, settings.random));
  return new IoredisMaster(redis, name, index, settings.commands);
}

/** Opens a connection like a user's own, with the options that locks need. The user's instance stays untouched. */
export function duplicateMaster(redis: UserRedis, name: string, index: number, settings: IoredisSettings): Master {
  return new IoredisMaster(redis.duplicate(safeOptions(settings.random)), name, index, settings.commands);
}

/** A failed command's vote: an error reply was answered, anything else may have reached the master. */
function failureOf(error: Error): Failure {
  return { kind: 'failed', reached: error.name === 'ReplyError' ? 'answered' : 'maybe', cause: error };
}

class IoredisMaster implements Master {
  readonly name: string;
  readonly #redis: Redis;
  readonly #index: number;
  readonly #commands: Commands;
  #loaded: Promise<unknown> = Promise.resolve();
  #dialect = SCRIPTS_ONLY;
  /** What the connection offered at first: `#dialect` may have been narrowed since. */
  #offered = SCRIPTS_ONLY;
  /** The vote without a connection, made once for each loss of it: a stack trace for every command would be dear. */
  #offline = neverSent('not connected yet; call connect() first');
  readonly #watch = new SilenceWatch({
    isWaiting: () => this.#unanswered > 0 && this.#redis.status === 'ready',
    heardBytes: () => this.#redis.stream.bytesRead,
    giveUp: (reason) => {
      this.#offline = neverSent(reason.message);
      this.#redis.disconnect(true);
    },
  });
  #unanswered = 0;
  #isClosed = false;
  /** Where messages come in under RESP2, in which a connection that subscribes can do nothing else. */
  #subscriber: Redis | undefined;
  #isSubscribed = false;
  #corked: Redis['stream'] | undefined;
  readonly #uncork = (): void => {
    this.#corked?.uncork();
    this.#corked = undefined;
  };

  constructor(redis: Redis, name: string, index: number, commands: Commands) {
    this.name = name;
    this.#commands = commands;
    this.#index = index;
    this.#redis = redis;
    redis.on('error', (error: unknown) => {
      // Its words alone: ioredis hangs the failed command on an error, and that may be AUTH with its password.
      this.#offline = neverSent(describeFailure(error));
    });
    const onLate = (reason: string): void => {
      this.#offline = neverSent(reason);
    };
    watchGreeting(redis, onLate, () => {
      this.#offline = neverSent('the connection was lost');
      // A server that forbids SCRIPT LOAD gets the scripts by EVAL when it misses one.
      const answers = [...SCRIPTS.map(({ body }) => redis.script('LOAD', body)), this.#askDialect()];
      this.#loaded = Promise.allSettled(answers);
      return this.#loaded;
    });
  }

  async connect(): Promise<void> {
    if (this.#isClosed) throw this.#unreachable('a closed connection');
    if (this.#redis.status !== 'ready') {
      // Its own promise says no more than the events, and rejects when a reconnection is already on its way.
      if (this.#redis.status === 'wait') this.#redis.connect().catch(() => undefined);
      await this.#nextConnection();
    }
    await this.#loaded;
    const lack = this.#commands === 'native' ? describeLack(this.#offered) : undefined;
    if (lack !== undefined) throw new EnvironmentError(`${this.name}: ${lack}`);
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
    if (this.#unanswered >= MOST_UNANSWERED || this.#watch.isSilent) {
      ballot.vote(this.#index, this.#watch.isSilent ? SILENT : OVERLOADED);
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
    const [resource] = resources;
    if (this.#dialect.extend === 'script' || resources.length > 1 || resource === undefined) {
      this.#run(EXTEND, resources, [token, ttlMs], ballot);
    } else if (this.#isWritable(ballot)) {
      void this.#redis.call('SET', resource, token, 'IFEQ', token, 'PX', ttlMs, (error, reply) => {
        const isRefused = error ? isCommandRefused(error.message) : false;
        if (isRefused) this.#dialect = { ...this.#dialect, extend: 'script' };
        if (isRefused || (error && isOutOfMemory(error.message)))
          this.#retreat(EXTEND, resources, [token, ttlMs], ballot);
        else this.#answer(ballot, error, reply);
      });
    }
  }

  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    const { release } = this.#dialect;
    const [resource] = resources;
    if (release === 'script' || resources.length > 1 || resource === undefined) {
      this.#run(RELEASE, resources, [token], ballot);
    } else if (this.#isWritable(ballot)) {
      const onReply = (error: Error | null | undefined, reply: unknown): void => {
        if (error && isCommandRefused(error.message)) {
          this.#dialect = { ...this.#dialect, release: 'script' };
          this.#retreat(RELEASE, resources, [token], ballot);
        } else this.#answer(ballot, error, reply);
      };
      if (release === 'delex') void this.#redis.call('DELEX', resource, 'IFEQ', token, onReply);
      else void this.#redis.call('DELIFEQ', resource, token, onReply);
    }
  }

  evaluate(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    onReply: (reply: ScriptReply) => void,
  ): void {
    if (this.#redis.status !== 'ready' || this.#unanswered >= MOST_UNANSWERED) {
      onReply(this.#redis.status === 'ready' ? OVERLOADED : this.#offline);
      return;
    }
    this.#unanswered++;
    this.#cork();
    void this.#redis.evalsha(script.sha, keys.length, ...keys, ...args, (error, reply) => {
      this.#unanswered--;
      if (error?.message.startsWith('NOSCRIPT') !== true) onReply(error ? failureOf(error) : (reply as ScriptReply));
      else if (this.#redis.status !== 'ready') onReply(this.#offline);
      else {
        this.#unanswered++;
        this.#cork();
        void this.#redis.eval(script.body, keys.length, ...keys, ...args, (again, second) => {
          this.#unanswered--;
          onReply(again ? failureOf(again) : (second as ScriptReply));
        });
      }
    });
  }

  publish(channel: string, message: string, onReply: (receivers: number) => void): void {
    if (this.#redis.status !== 'ready' || this.#unanswered >= MOST_UNANSWERED) {
      onReply(0);
      return;
    }
    this.#unanswered++;
    this.#cork();
    void this.#redis.publish(channel, message, (error, receivers) => {
      this.#unanswered--;
      onReply(error ? 0 : (receivers ?? 0));
    });
  }

  subscribe(channel: string, onMessage: (message: string) => void): void {
    this.#redis.on('ready', () => {
      void this.#listen(channel, onMessage);
    });
    this.#redis.on('message', (_channel, message) => {
      onMessage(message);
    });
    this.#redis.on('close', () => {
      if (this.#subscriber === undefined) this.#isSubscribed = false;
    });
  }

  get isSubscribed(): boolean {
    return this.#isSubscribed;
  }

  /** Chooses between native commands and scripts, once for each connection; scripts until the answer is here. */
  async #askDialect(): Promise<void> {
    this.#dialect = SCRIPTS_ONLY;
    this.#offered = SCRIPTS_ONLY;
    if (this.#commands === 'lua') return;
    const [command, ...args] = DIALECT_QUESTION;
    this.#dialect = readDialect((await this.#redis.call(command, ...args)) as RespValue);
    this.#offered = this.#dialect;
    // ioredis puts a key prefix only before the keys of commands that it knows, and its versions differ in which.
    if (this.#redis.options.keyPrefix) this.#dialect = { ...this.#dialect, release: 'script' };
  }

  /**
   * Runs the script instead of a native command that was refused. It is written later than its caller believes: see
   * `#runBody`.
   */
  #retreat(script: Script, resources: readonly string[], args: readonly (string | number)[], ballot: Ballot): void {
    this.#unanswered--;
    if (this.#isTooLate(script, ballot)) ballot.vote(this.#index, TOO_LATE);
    else this.#run(script, resources, args, ballot);
  }

  #isTooLate(script: Script, ballot: Ballot): boolean {
    return script !== RELEASE && !ballot.isOpen;
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
   * This command is written later than its caller believes. If its votes were settled meanwhile, an acquisition would
   * come after its release (the master may know that script) and leave a key that nobody releases, and an extension after
   * a later one, whose ttl it would take back: those stay at home. A late deletion deletes by token, and does no harm.
   */
  #runBody(script: Script, resources: readonly string[], args: readonly (string | number)[], ballot: Ballot): void {
    this.#unanswered--;
    if (this.#isTooLate(script, ballot)) ballot.vote(this.#index, TOO_LATE);
    else if (this.#isWritable(ballot)) {
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

  /** Subscribes on the connection itself, or on one of its own where the server speaks only RESP2. */
  async #listen(channel: string, onMessage: (message: string) => void): Promise<void> {
    try {
      if (await this.#speaksResp3()) {
        await this.#redis.subscribe(channel);
        this.#isSubscribed = this.#redis.status === 'ready';
      } else if (!this.#isClosed) this.#subscriber ??= this.#openSubscriber(channel, onMessage);
    } catch {
      // Refused, or the connection is gone: no messages from here, until it is ready again.
    }
  }

  async #speaksResp3(): Promise<boolean> {
    try {
      // With no arguments HELLO changes nothing: it says what was agreed on, as a list of names and values.
      const said: unknown = await this.#redis.call('HELLO');
      return Array.isArray(said) && said[said.indexOf('proto') + 1] === 3;
    } catch (error) {
      // A server that knows no HELLO speaks RESP2; of a lost connection nothing is known.
      if (error instanceof Error && error.name === 'ReplyError') return false;
      throw error;
    }
  }

  #openSubscriber(channel: string, onMessage: (message: string) => void): Redis {
    const subscriber = this.#redis.duplicate({ lazyConnect: false });
    // Whatever is wrong with this connection, the other one says it.
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
    return subscriber;
  }

  #cork(): void {
    this.#watch.start();
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
    else ballot.vote(this.#index, readVote(reply));
  }

  /** Resolves when the connection is ready and rejects when the next try to connect fails. */
  #nextConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onReady = (): void => {
        this.#redis.off('close', onEnd).off('end', onEnd);
        resolve();
      };
      const onEnd = (): void => {
        this.#redis.off('ready', onReady).off('close', onEnd).off('end', onEnd);
        reject(this.#unreachable(this.#offline.cause.message));
      };
      // Closed before it was connected, it ends without a `close`.
      this.#redis.once('ready', onReady).once('close', onEnd).once('end', onEnd);
    });
  }

  #unreachable(got: string): EnvironmentError {
    return new EnvironmentError(describeUnreachable(this.name, got), {
      cause: this.#offline.cause,
    });
  }
}
