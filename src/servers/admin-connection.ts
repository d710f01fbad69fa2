/**
 * The connection over which a run asks a master about itself; locks never travel on it.
 *
 * @module
 */
import { Redis, type RedisOptions } from 'ioredis';
import { describeFailure } from '../model/connection-failure.js';
import { endpointOptions } from '../model/endpoint-options.js';
import { describeEndpoint, type Endpoint } from '../model/endpoint.js';
import { RedlockBenchError, toError } from '../model/errors.js';
import { parseInfo, type ServerInfo } from './info.js';

const TIMEOUT_MS = 5_000;

/** A master did not answer, or answered with an error. Its message carries neither arguments nor credentials. */
export class AdminError extends RedlockBenchError {
  override readonly name = 'AdminError';
  /** The server refused the credentials, or the user may not do this. */
  readonly isPermission: boolean;

  constructor(message: string) {
    super('ADMIN', message);
    this.isPermission = /^(NOAUTH|NOPERM|WRONGPASS|ERR invalid password)/.test(message);
  }
}

/**
 * One connection to one master. It connects when it is first needed and again after it was lost, never by itself, so a
 * dead master costs nothing between two questions.
 */
export class AdminConnection implements Disposable {
  readonly endpoint: Endpoint;
  /**
   * The process that must answer: each connection asks for it first, and nothing is sent to another one, which may have
   * taken the port of a server that died. Undefined: whoever answers is meant.
   */
  expectedPid: number | undefined;
  readonly #redis: Redis;
  /** Why the connection was lost: the commands under way are told only that it was. */
  #loss: unknown;
  #connecting: Promise<void> | undefined;
  #isClosed = false;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.#redis = new Redis(adminOptions(endpoint));
    // A lost connection is noticed by whoever asks next.
    this.#redis.on('error', (error: unknown) => (this.#loss = error));
  }

  /** @throws AdminError when the master is unreachable, silent for 5 s, or refuses the command */
  async call(command: string, ...args: readonly string[]): Promise<unknown> {
    try {
      await this.#connect();
      return await this.#redis.call(command, ...args);
    } catch (thrown) {
      // Only the text: the client's errors carry the command with its arguments, an AUTH and its password included.
      throw new AdminError(describeFailure(this.#isLoss(thrown) ? this.#loss : thrown));
    }
  }

  /** The whole of INFO, statistics of commands included. */
  async info(): Promise<ServerInfo> {
    return parseInfo(String(await this.call('INFO', 'all')));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#redis.disconnect();
  }

  #isLoss(thrown: unknown): boolean {
    return this.#loss !== undefined && toError(thrown).message === 'Connection is closed.';
  }

  async #connect(): Promise<void> {
    if (this.#isClosed) throw new Error(`${describeEndpoint(this.endpoint)}: the connection was closed`);
    if (this.#connecting === undefined && this.#redis.status === 'ready') return;
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    await this.#connecting;
  }

  async #open(): Promise<void> {
    // The rejection says only that the connection closed; the events before say why.
    this.#loss = undefined;
    const causes: Error[] = [];
    const note = (error: Error): void => void causes.push(error);
    this.#redis.on('error', note);
    try {
      await this.#redis.connect();
    } catch (thrown) {
      throw causes[0] ?? thrown;
    } finally {
      this.#redis.off('error', note);
    }
    if (this.expectedPid !== undefined) await this.#refuseStrangers(this.expectedPid);
  }

  /** Once for each connection: whoever has accepted it stays at its end. */
  async #refuseStrangers(pid: number): Promise<void> {
    try {
      const answered = parseInfo(String(await this.#redis.call('INFO', 'server'))).get('process_id') ?? 'unknown';
      if (answered === String(pid)) return;
      throw new Error(`expected an answer from process ${String(pid)}, got one from process ${answered}`);
    } catch (thrown) {
      const closed = new Promise<void>((resolve) => void this.#redis.once('end', resolve));
      const isClosed = this.#redis.status === 'end';
      this.#redis.disconnect();
      // The next connection must not be taken for this one when this one's end is heard.
      if (!isClosed) await closed;
      throw thrown;
    }
  }
}

/** The client's overloads refuse an optional reply mapping under exact optional types; nothing here sets one. */
type Options = Omit<RedisOptions, 'replyMapping'>;

function adminOptions(endpoint: Endpoint): Options {
  return {
    ...endpointOptions(endpoint),
    lazyConnect: true,
    // RESP2 needs no HELLO, which older servers lack and some users may not call.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
  };
}
