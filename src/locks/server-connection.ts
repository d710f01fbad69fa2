/**
 * One connection to one server, for locks that say plainly which commands they send.
 *
 * It has the options of our own client and writes a tick's commands to the socket at once, as that does: what is
 * compared then is how locks lock, not how they are connected.
 *
 * @module
 */
import { Redis } from 'ioredis';
import { describeFailure, describeUnreachable } from '../model/connection-failure.js';
import { describeEndpoint, type Endpoint } from '../model/endpoint.js';
import { EnvironmentError, toError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import { msToNs, type Clock, type Ns } from '../model/time.js';
import { DeadlineQueue, type Expiring } from '../redlock/deadline-queue.js';
import { watchGreeting } from '../redlock/greeting-watch.js';
import { connectionOptions, disconnect } from '../redlock/ioredis-options.js';
import { CONNECT_TIMEOUT_MS } from '../redlock/limits.js';
import type { Script } from '../redlock/scripts.js';
import { SilenceWatch } from '../redlock/silence-watch.js';
import type { LockObserver } from './lock-client.js';

type Argument = string | number;

/** Sends commands, which are answered within the node timeout or rejected; none is ever sent twice. */
export interface Caller {
  call(command: string, ...args: readonly Argument[]): Promise<unknown>;
  /**
   * Runs a script on one key: by its hash, and by its body where the server has lost it. Those are two commands, so it may
   * take two node timeouts.
   */
  run(script: Script, key: string, ...args: readonly Argument[]): Promise<unknown>;
}

export interface ConnectionSettings {
  readonly nodeTimeoutMs: number;
  readonly scripts: readonly Script[];
  readonly clock: Clock;
  /** For the wait before a reconnection. */
  readonly random: Random;
}

/** Who hears of acquiring commands, and for which master. */
interface Report {
  readonly observer: LockObserver;
  readonly master: number;
}

/** Commands are executed in the order of their calls. After a loss it reconnects; meanwhile every call is rejected. */
export class ServerConnection implements Caller {
  readonly name: string;
  readonly #redis: Redis;
  readonly #settings: ConnectionSettings;
  readonly #deadlines: DeadlineQueue;
  /** Why a call cannot be sent, in words and as what it is rejected with: made once for each loss of the connection. */
  #reason = 'not connected yet';
  #offline: Error;
  #unanswered = 0;
  #corked: Redis['stream'] | undefined;
  readonly #uncork = (): void => {
    this.#corked?.uncork();
    this.#corked = undefined;
  };
  readonly #watch = new SilenceWatch({
    isWaiting: () => this.#unanswered > 0 && this.isReady,
    heardBytes: () => this.#redis.stream.bytesRead,
    giveUp: (reason) => {
      this.#explain(reason.message);
      this.#redis.disconnect(true);
    },
  });

  private constructor(endpoint: Endpoint, settings: ConnectionSettings) {
    this.name = describeEndpoint(endpoint);
    this.#offline = new Error(`${this.name}: ${this.#reason}`);
    this.#settings = settings;
    this.#deadlines = new DeadlineQueue(settings.clock);
    this.#redis = new Redis(connectionOptions(endpoint, settings.random));
    this.#redis.on('error', (error: unknown) => {
      this.#explain(describeFailure(error));
    });
    this.#redis.on('ready', () => {
      this.#explain('the connection was lost');
    });
    watchGreeting(this.#redis, (reason) => {
      this.#explain(reason);
    });
  }

  /**
   * Connects and loads the scripts.
   *
   * @throws EnvironmentError when the server cannot be reached
   */
  static async open(endpoint: Endpoint, settings: ConnectionSettings): Promise<ServerConnection> {
    const connection = new ServerConnection(endpoint, settings);
    try {
      await connection.#connect();
    } catch (error) {
      await connection.close();
      throw error;
    }
    // A server that forbids it gets them by EVAL when it misses one.
    await Promise.allSettled(settings.scripts.map(({ body }) => connection.call('SCRIPT', 'LOAD', body)));
    return connection;
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready';
  }

  call(command: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#send(command, args, undefined);
  }

  run(script: Script, key: string, ...args: readonly Argument[]): Promise<unknown> {
    return this.#run(script, [1, key, ...args], undefined);
  }

  /** The same connection, for commands that acquire: the observer hears how each was answered. */
  acquiring(observer: LockObserver, master: number): Caller {
    const report = { observer, master };
    return {
      call: (command, ...args) => this.#send(command, args, report),
      run: (script, key, ...args) => this.#run(script, [1, key, ...args], report),
    };
  }

  /** Ends the connection after what was written; unanswered calls are rejected. */
  async close(): Promise<void> {
    await disconnect(this.#redis);
  }

  async #connect(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, CONNECT_TIMEOUT_MS, new Error(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`));
    });
    try {
      await Promise.race([this.#redis.connect(), late]);
    } catch (error) {
      // What ioredis rejects with says only that the connection was closed; its event said why.
      const isClosed = toError(error).message === 'Connection is closed.';
      const got = isClosed ? this.#reason : describeFailure(error);
      throw new EnvironmentError(describeUnreachable(this.name, got), { cause: this.#offline });
    } finally {
      clearTimeout(timer);
    }
  }

  #explain(reason: string): void {
    this.#reason = reason;
    this.#offline = new Error(`${this.name}: ${reason}`);
  }

  async #run(script: Script, rest: readonly Argument[], report: Report | undefined): Promise<unknown> {
    try {
      return await this.#send('EVALSHA', [script.sha, ...rest], report);
    } catch (error) {
      // A call that was given up before ends in its timeout and not here: nothing is written after its time.
      if (!isScriptLost(toError(error))) throw error;
      return await this.#send('EVAL', [script.body, ...rest], report);
    }
  }

  #send(command: string, args: readonly Argument[], report: Report | undefined): Promise<unknown> {
    if (!this.isReady) {
      report?.observer.failed(report.master);
      return Promise.reject(this.#offline);
    }
    const { clock, nodeTimeoutMs } = this.#settings;
    return new Promise((resolve, reject) => {
      const startNs = clock.nowNs();
      const call = new Call(startNs + msToNs(nodeTimeoutMs), () => {
        report?.observer.timedOut(report.master);
        reject(new Error(`${this.name}: expected an answer within ${String(nodeTimeoutMs)} ms, got none`));
      });
      this.#deadlines.push(call);
      this.#unanswered++;
      this.#watch.start();
      this.#cork();
      void this.#redis.call(command, [...args], (error, reply) => {
        this.#unanswered--;
        if (!error) report?.observer.roundTrip(report.master, clock.nowNs() - startNs);
        if (call.isComplete) return;
        call.isComplete = true;
        if (!error) {
          resolve(reply);
          return;
        }
        // A script that the server has lost is sent again, whole: the master has not failed.
        if (!isScriptLost(error)) report?.observer.failed(report.master);
        reject(error);
      });
    });
  }

  /** All commands of a tick leave in one write; the uncorking runs before the event loop goes on, so none is delayed. */
  #cork(): void {
    const { stream } = this.#redis;
    if (this.#corked === stream) return;
    if (this.#corked === undefined) process.nextTick(this.#uncork);
    else this.#corked.uncork();
    this.#corked = stream;
    stream.cork();
  }
}

const isScriptLost = ({ message }: Error): boolean => message.startsWith('NOSCRIPT');

/** A command that is not answered yet. */
class Call implements Expiring {
  readonly deadlineNs: Ns;
  isComplete = false;
  readonly #onExpire: () => void;

  constructor(deadlineNs: Ns, onExpire: () => void) {
    this.deadlineNs = deadlineNs;
    this.#onExpire = onExpire;
  }

  expire(): void {
    this.isComplete = true;
    this.#onExpire();
  }
}
