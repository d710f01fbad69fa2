/**
 * The connection of one client to one simulated server: delays, replies that come too late, and the loss of it.
 * Everything above it is real.
 *
 * @module
 */
import type { Random } from '../model/random.js';
import { msToNs, type Ns } from '../model/time.js';
import { GRANTED, REFUSED, type Ballot, type Failure, type Master, type ScriptReply } from '../redlock/master.js';
import { ANNOUNCE, EXTEND_MANY, type Script } from '../redlock/scripts.js';
import type { Connection, SimulatedServer } from './simulated-server.js';

const LOST: Failure = { kind: 'failed', reached: 'maybe', cause: new Error('the connection was lost') };
const OFFLINE: Failure = { kind: 'failed', reached: 'never', cause: new Error('not connected') };
const RECONNECT_MS = 50;

/** The way between one client and one server. */
export interface Link {
  readonly requestMs: number;
  readonly replyMs: number;
  /** The largest random part of either. Messages of one connection keep their order all the same. */
  readonly jitterMs: number;
  /** The share of published messages that never arrive. */
  readonly lossShare: number;
}

/** How events come to pass: at the server, or in the client, which may be paused. */
export interface Passage {
  nowNs(): Ns;
  atServer(delayNs: Ns, act: () => void): void;
  atClient(delayNs: Ns, act: () => void): void;
}

export interface ConnectionParts {
  readonly server: SimulatedServer;
  /** Which master of its client it is. */
  readonly index: number;
  readonly link: Link;
  readonly passage: Passage;
  readonly random: Random;
}

/** One direction of a connection. */
interface Lane {
  lastNs: Ns;
  readonly arrivals: (() => void)[];
  readonly schedule: (delayNs: Ns, act: () => void) => void;
}

/** A command under way. */
interface Flight {
  execute: (() => void) | undefined;
  fail(failure: Failure): void;
}

export class SimulatedMaster implements Master, Connection {
  readonly name: string;
  channel: string | undefined;
  protected readonly server: SimulatedServer;
  readonly #index: number;
  readonly #link: Link;
  readonly #passage: Passage;
  readonly #random: Random;
  readonly #flights = new Set<Flight>();
  readonly #onReady: (() => void)[] = [];
  readonly #onLost: ((cause: Error) => void)[] = [];
  #onMessage: (message: string) => void = () => undefined;
  /** Whether the client takes it to be connected; it learns of a loss when it looks. */
  #isReady = true;
  #isCut = false;
  #isClosed = false;
  #heldUntilNs: Ns = 0;
  #unreachableUntilNs: Ns = 0;
  readonly #requests: Lane;
  readonly #replies: Lane;

  constructor({ server, index, link, passage, random }: ConnectionParts) {
    this.name = `m${String(index + 1)}`;
    this.server = server;
    this.#index = index;
    this.#link = link;
    this.#passage = passage;
    this.#random = random;
    this.#requests = { lastNs: 0, arrivals: [], schedule: passage.atServer.bind(passage) };
    this.#replies = { lastNs: 0, arrivals: [], schedule: passage.atClient.bind(passage) };
    server.connections.add(this);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    this.#failAll();
    this.server.connections.delete(this);
    return Promise.resolve();
  }

  onReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  onLost(listener: (cause: Error) => void): void {
    this.#onLost.push(listener);
  }

  setIfAbsent(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.ask(ballot, () => this.server.setIfAbsent(resources, token, ttlMs));
  }

  compareAndExpire(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.ask(ballot, () => this.server.compareAndExpire(resources, token, ttlMs));
  }

  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    this.ask(ballot, () => this.server.compareAndDelete(resources, token));
  }

  evaluate(...[script, keys, args, onReply]: Parameters<Master['evaluate']>): void {
    this.#send(() => this.#run(script, keys, args), onReply, onReply);
  }

  publish(channel: string, message: string, onReply: (receivers: number) => void): void {
    this.#send(
      () => this.server.publish(channel, message),
      onReply,
      () => {
        onReply(0);
      },
    );
  }

  subscribe(channel: string, onMessage: (message: string) => void): void {
    this.channel = channel;
    this.#onMessage = onMessage;
  }

  get isSubscribed(): boolean {
    return this.#isReady && this.channel !== undefined;
  }

  /** A published message, unless it is lost on its way. */
  deliver(message: string): void {
    if (this.#isCut || this.#random.next() < this.#link.lossShare) return;
    this.#passage.atClient(msToNs(this.#draw(this.#link.replyMs)), () => {
      if (this.#isReady) this.#onMessage(message);
    });
  }

  /** What is sent in the next time, either way, arrives after it. */
  hold(lastsNs: Ns): void {
    this.#heldUntilNs = Math.max(this.#heldUntilNs, this.#passage.nowNs() + lastsNs);
  }

  /** Loses the connection, and cannot have another one for a while. */
  part(lastsNs: Ns): void {
    this.#unreachableUntilNs = Math.max(this.#unreachableUntilNs, this.#passage.nowNs() + lastsNs);
    this.cut();
  }

  /**
   * Loses the connection. Of the requests that are on their way the server has read the first ones, or none: what it
   * has not read by now it never will, as a server that accepts the next connection has read the last one.
   */
  cut(): void {
    if (this.#isCut || this.#isClosed) return;
    this.#isCut = true;
    for (const { execute } of this.#flights) {
      if (execute === undefined) continue;
      if (this.#random.next() < 0.5) break;
      execute();
    }
    for (const flight of this.#flights) flight.execute = undefined;
    this.#passage.atClient(0, () => {
      this.#lose();
    });
  }

  /** The client learns that it has lost the connection. */
  #lose(): void {
    if (this.#isClosed) return;
    this.#isReady = false;
    this.#failAll();
    for (const listener of this.#onLost) listener(LOST.cause);
    this.#reconnect();
  }

  #reconnect(): void {
    if (this.#unreachableUntilNs === Infinity) return;
    this.#passage.atClient(msToNs(this.#draw(RECONNECT_MS)), () => {
      if (this.#isClosed) return;
      if (!this.server.isUp || this.#passage.nowNs() < this.#unreachableUntilNs) {
        this.#reconnect();
        return;
      }
      this.#isCut = false;
      this.#isReady = true;
      for (const listener of this.#onReady) listener();
    });
  }

  #failAll(): void {
    const flights = [...this.#flights];
    this.#flights.clear();
    for (const flight of flights) {
      flight.execute = undefined;
      flight.fail(LOST);
    }
  }

  /** Has the server execute a command; the ballot gets its vote. */
  protected ask(ballot: Ballot, run: () => boolean): void {
    this.#send(
      run,
      (isDone) => {
        ballot.vote(this.#index, isDone ? GRANTED : REFUSED);
      },
      (failure) => {
        ballot.vote(this.#index, failure);
      },
    );
  }

  #send<Reply>(run: () => Reply, onReply: (reply: Reply) => void, fail: (failure: Failure) => void): void {
    if (!this.#isReady) {
      fail(OFFLINE);
      return;
    }
    const flight: Flight = {
      fail,
      execute: () => {
        flight.execute = undefined;
        const reply = run();
        this.#travel(this.#replies, this.#link.replyMs, () => {
          if (this.#flights.delete(flight)) onReply(reply);
        });
      },
    };
    this.#flights.add(flight);
    if (this.#isCut) {
      // Nobody reads it; the client learns so with the loss.
      flight.execute = undefined;
      return;
    }
    this.#travel(this.#requests, this.#link.requestMs, () => {
      this.server.receive(() => flight.execute?.());
    });
  }

  /** Arrives after a delay, but not before what was sent before it; timers of one instant keep no order of their own. */
  #travel(lane: Lane, delayMs: number, arrive: () => void): void {
    const nowNs = this.#passage.nowNs();
    lane.lastNs = Math.max(lane.lastNs, this.#heldUntilNs, nowNs + msToNs(this.#draw(delayMs)));
    lane.arrivals.push(arrive);
    lane.schedule(lane.lastNs - nowNs, () => lane.arrivals.shift()?.());
  }

  #draw(ms: number): number {
    return Math.round(ms + this.#random.next() * this.#link.jitterMs);
  }

  #run(script: Script, keys: readonly string[], args: readonly (string | number)[]): ScriptReply {
    if (script === ANNOUNCE) return this.#announce(keys, args);
    if (script === EXTEND_MANY) return this.#extendMany(keys, args);
    return { kind: 'failed', reached: 'answered', cause: new Error('no such script here') };
  }

  /** As the script does. */
  #announce([key = '']: readonly string[], [prefix, message]: readonly (string | number)[]): ScriptReply {
    const owner = this.server.get(key)?.slice(0, 12);
    if (owner === undefined) return null;
    return this.server.publish(`${String(prefix)}${owner}`, String(message)) === 0 ? 0 : owner;
  }

  /** As the script does. */
  #extendMany(keys: readonly string[], args: readonly (string | number)[]): ScriptReply {
    const answers: number[] = [];
    let before = 0;
    for (let lock = 0; lock < args.length; lock += 3) {
      const [count, token, ttlMs] = args.slice(lock, lock + 3);
      const own = keys.slice(before, before + Number(count));
      answers.push(Number(this.server.compareAndExpire(own, String(token), Number(ttlMs))));
      before += Number(count);
    }
    return answers;
  }
}
