/**
 * One connection of our own to a Redis server: pipelined, in order, kept up by reconnecting.
 *
 * @module
 */
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describeFailure, describeUnreachable } from '../model/connection-failure.js';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Commands } from '../model/scenario.js';
import { tlsOptions } from '../model/tls.js';
import type { Batch } from './batch.js';
import type { Dialect } from './dialect.js';
import { Greeting, type Protocol } from './greeting.js';
import { CONNECT_TIMEOUT_MS, DISCONNECT_TIMEOUT_MS, RECONNECT_DELAY_MS, RECONNECT_JITTER_MS } from './limits.js';
import { neverSent, type Failure } from './master.js';
import { ReplyQueue } from './reply-queue.js';
import { ProtocolError, ReplyError, RespReader, type RespSink, type RespValue } from './resp-reader.js';
import { SilenceWatch } from './silence-watch.js';

const READ_BUFFER_BYTES = 64 * 1_024;

/** Who uses a connection. Its methods must not throw. */
export interface Correspondent<Question, Asker> {
  handleReply(question: Question, asker: Asker, reply: RespValue): void;
  /** The connection was lost after the question was accepted: it may or may not have been executed. */
  handleDrop(question: Question, asker: Asker, failure: Failure): void;
  handlePush(items: readonly RespValue[]): void;
  /** A connection is ready. Everything that was asked on the one before has been dropped. */
  handleReady(dialect: Dialect, protocol: Protocol): void;
  /** A ready connection was lost, other than by `close`. */
  handleLoss(cause: Error): void;
}

export interface ConnectionSettings {
  readonly endpoint: Endpoint;
  /** For messages. */
  readonly name: string;
  readonly commands: Commands;
  /** For the wait before a reconnection. */
  readonly random: Random;
  /** An empty batch, the same one for the connections of one client. */
  readonly nothing: Batch;
}

interface ConnectCall {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sends byte strings and brings each reply to the question it answers.
 *
 * What is sent in one tick leaves in one write to the socket. Nothing is kept for later while there is no connection,
 * and nothing is sent twice.
 */
export class WireConnection<Question extends object, Asker> implements RespSink {
  readonly #settings: ConnectionSettings;
  readonly #owner: Correspondent<Question, Asker>;
  /** Why nothing can be asked now, made once for each outage; undefined while the connection is ready. */
  #obstacle: Failure | undefined = neverSent('not connected yet; call connect() first');
  #state: 'idle' | 'greeting' | 'ready' | 'waiting' | 'closed' = 'idle';
  #socket: Socket | undefined;
  #reader: RespReader;
  #greeting: Greeting;
  #protocol: Protocol = 3;
  #answers: RespValue[] = [];
  #queue = new ReplyQueue<Question, Asker>();
  /** What was asked in this tick. */
  #batch: Batch;
  /** For the connecting, or for the next try. */
  #timer: NodeJS.Timeout | undefined;
  readonly #watch = new SilenceWatch({
    isWaiting: () => this.#queue.size > 0 && this.#state === 'ready',
    heardBytes: () => this.#heardBytes,
    giveUp: (reason) => this.#socket?.destroy(reason),
  });
  #heardBytes = 0;
  /** What went wrong with the connection at hand. */
  #reason: string | undefined;
  #closing: Promise<void> | undefined;
  #connectCalls: ConnectCall[] = [];
  /**
   * Writes what was asked in this tick. It runs when the code at hand and its promises are done, before the event loop
   * goes on: so nothing waits for a later event, and what one reply leads to leaves with what its neighbours lead to.
   */
  readonly #flush = (): void => {
    const { nothing } = this.#settings;
    const { text } = this.#batch;
    if (text === '') return;
    this.#batch = nothing;
    nothing.forget();
    this.#socket?.write(text, 'latin1');
    this.#watch.start();
  };

  constructor(settings: ConnectionSettings, owner: Correspondent<Question, Asker>) {
    this.#settings = settings;
    this.#owner = owner;
    this.#batch = settings.nothing;
    this.#reader = new RespReader(this);
    this.#greeting = this.#newGreeting(3);
  }

  /** The vote for what cannot be asked now; undefined while the connection is ready. */
  get obstacle(): Failure | undefined {
    return this.#obstacle;
  }

  /** How many questions are unanswered. */
  get unanswered(): number {
    return this.#queue.size;
  }

  /**
   * Whether the server has sent nothing for over a second although it was asked. Then it should get no acquisitions:
   * should the connection be given up, a deletion that follows on the next one might overtake an acquisition that
   * the server still has to read from this one.
   */
  get isSilent(): boolean {
    return this.#watch.isSilent;
  }

  /**
   * Resolves when the connection is ready; rejects when the next try fails, and goes on trying.
   *
   * @throws EnvironmentError that names the endpoint and the reason, never the password
   */
  connect(): Promise<void> {
    if (this.#state === 'ready') return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#connectCalls.push({ resolve, reject });
      if (this.#state === 'idle') this.#open();
      else if (this.#state === 'closed') this.#rejectConnectCalls(new Error('a closed connection'));
    });
  }

  /** Sends what was asked, fails what is not answered, and resolves when the socket is gone: in 500 ms at the latest. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Asks; only while there is no obstacle. `text` is the question as a whole command, a byte string. */
  ask(text: string, question: Question, asker: Asker): void {
    if (this.#batch === this.#settings.nothing) process.nextTick(this.#flush);
    this.#batch = this.#batch.with(question, text);
    this.#queue.push(question, asker);
  }

  /** Lets go of the oldest question: a push has answered it, as a subscription is. */
  settleOldest(): void {
    this.#queue.drop();
  }

  /** The oldest question without an answer. */
  get oldest(): Question | undefined {
    return this.#queue.question;
  }

  onReply(value: RespValue): void {
    const queue = this.#queue;
    const { question, asker } = queue;
    if (question !== undefined && asker !== undefined) {
      queue.drop();
      this.#owner.handleReply(question, asker, value);
    } else if (this.#state === 'greeting') {
      this.#answers.push(value);
      // A server that turns us away, because it has too many clients or is protected, says so and hangs up.
      if (value instanceof ReplyError) this.#reason = this.#greeting.redact(value).message;
      if (this.#answers.length === this.#greeting.answers) this.#judge();
    } else if (this.#state === 'ready') {
      throw new ProtocolError('expected a reply to a command, got one more');
    }
  }

  onPush(items: readonly RespValue[]): void {
    this.#owner.handlePush(items);
  }

  #close(): Promise<void> {
    const wasReady = this.#state === 'ready';
    const socket = this.#socket;
    this.#flush();
    this.#state = 'closed';
    this.#obstacle = neverSent('the connection was closed');
    this.#rejectConnectCalls(this.#obstacle.cause);
    clearTimeout(this.#timer);
    if (socket === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => {
        clearTimeout(this.#timer);
        resolve();
      });
      if (!wasReady) {
        socket.destroy();
        return;
      }
      this.#timer = setTimeout(() => socket.destroy(), DISCONNECT_TIMEOUT_MS);
      socket.end();
    });
  }

  #open(): void {
    this.#state = 'greeting';
    this.#reason = undefined;
    this.#reader = new RespReader(this);
    let socket: Socket;
    try {
      socket = this.#dial();
    } catch (thrown) {
      // An impossible address, such as port 70000.
      this.#reason = describeFailure(thrown);
      this.#onClose();
      return;
    }
    this.#socket = socket;
    socket.setNoDelay(true).setKeepAlive(true);
    socket.on('error', (error) => {
      this.#reason = describeFailure(error);
    });
    // The server may end the connection while commands are still to be written: there is no use in writing them.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.#onClose();
    });
    const isTls = this.#settings.endpoint.socket.kind === 'tcp' && this.#settings.endpoint.socket.tls !== false;
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      this.#greet(3);
    });
    this.#timer = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${String(CONNECT_TIMEOUT_MS)} ms`));
    }, CONNECT_TIMEOUT_MS);
  }

  #dial(): Socket {
    const { socket } = this.#settings.endpoint;
    if (socket.kind === 'tcp' && socket.tls !== false) {
      const { host, port } = socket;
      const tls = connectTls({ host, port, ...tlsOptions(host, socket.tls) });
      return tls.on('data', (chunk: Buffer) => {
        this.#read(chunk, chunk.length);
      });
    }
    // One buffer for every read, and none of the machinery of a stream between it and the reader.
    const onread: OnReadOpts = {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
      callback: (bytes, buffer) => {
        this.#read(buffer as Buffer, bytes);
        return true;
      },
    };
    return socket.kind === 'unix'
      ? connectTcp({ path: socket.path, onread })
      : connectTcp({ host: socket.host, port: socket.port, onread });
  }

  #read(chunk: Buffer, bytes: number): void {
    this.#heardBytes += bytes;
    try {
      this.#reader.read(chunk, bytes);
    } catch (error) {
      // What follows cannot be told apart any more. Anything else is a fault of this program, and shall be seen.
      if (!(error instanceof ProtocolError)) throw error;
      this.#socket?.destroy(error);
    }
  }

  #greet(protocol: Protocol): void {
    this.#protocol = protocol;
    this.#greeting = this.#newGreeting(protocol);
    this.#answers = [];
    this.#socket?.write(this.#greeting.text, 'latin1');
  }

  #newGreeting(protocol: Protocol): Greeting {
    const { endpoint, commands } = this.#settings;
    return new Greeting({ ...endpoint, commands }, protocol);
  }

  #judge(): void {
    const outcome = this.#greeting.judge(this.#answers);
    if (outcome.status === 'older') this.#greet(2);
    else if (outcome.status === 'failed') this.#socket?.destroy(outcome.cause);
    else {
      clearTimeout(this.#timer);
      this.#state = 'ready';
      this.#obstacle = undefined;
      this.#reason = undefined;
      this.#owner.handleReady(outcome.dialect, this.#protocol);
      const calls = this.#connectCalls;
      this.#connectCalls = [];
      for (const { resolve } of calls) resolve();
    }
  }

  #onClose(): void {
    clearTimeout(this.#timer);
    this.#socket = undefined;
    this.#batch = this.#settings.nothing;
    const wasReady = this.#state === 'ready';
    const isClosed = this.#state === 'closed';
    const failure = neverSent(this.#reason ?? 'the connection was lost');
    const { cause } = failure;
    if (!isClosed) {
      this.#obstacle = failure;
      this.#state = 'waiting';
      const { random } = this.#settings;
      this.#timer = setTimeout(
        () => {
          this.#open();
        },
        RECONNECT_DELAY_MS + random.next() * RECONNECT_JITTER_MS,
      );
    }
    this.#dropAll(cause);
    if (wasReady) this.#owner.handleLoss(cause);
    if (!isClosed) this.#rejectConnectCalls(cause);
  }

  /** Fails what is unanswered. The next connection gets a queue of its own: this one may have grown large. */
  #dropAll(cause: Error): void {
    const failure: Failure = { kind: 'failed', reached: 'maybe', cause };
    const queue = this.#queue;
    this.#queue = new ReplyQueue();
    while (queue.size > 0) {
      const { question, asker } = queue;
      queue.drop();
      if (question !== undefined && asker !== undefined) this.#owner.handleDrop(question, asker, failure);
    }
  }

  #rejectConnectCalls(reason: Error): void {
    const calls = this.#connectCalls;
    this.#connectCalls = [];
    if (calls.length === 0) return;
    const error = new EnvironmentError(describeUnreachable(this.#settings.name, reason.message), { cause: reason });
    for (const { reject } of calls) reject(error);
  }
}
