/**
 * Masters that live in memory and in the virtual time of fake timers: with delays, lost connections, crashes and hangs.
 * Everything above them is real.
 *
 * @module
 */
import type { Random } from '../model/random.js';
import { msToNs, nsToMs, systemClock, type Ns } from '../model/time.js';
import { GRANTED, REFUSED, type Ballot, type Failure, type Master, type ScriptReply } from './master.js';
import { ANNOUNCE, EXTEND_MANY, type Script } from './scripts.js';

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

interface Entry {
  readonly token: string;
  readonly expiresNs: Ns;
}

/** One server, for any number of clients. */
export class SimulatedServer {
  readonly links = new Set<SimulatedMaster>();
  /** How many crashes it has not come back from: they may overlap. */
  #absences = 0;
  #keys = new Map<string, Entry>();
  #isHung = false;
  #inbox: (() => void)[] = [];

  /** The token that a key holds now. */
  get(key: string): string | undefined {
    return this.#entry(key)?.token;
  }

  /** When the key ends. */
  expiresNs(key: string): Ns {
    return this.#entry(key)?.expiresNs ?? 0;
  }

  /** All that is held now, as key and token. */
  contents(): [key: string, token: string][] {
    return [...this.#keys.keys()].flatMap((key) => {
      const token = this.get(key);
      return token === undefined ? [] : [[key, token]];
    });
  }

  setIfAbsent(keys: readonly string[], token: string, ttlMs: number): boolean {
    if (keys.some((key) => this.get(key) !== undefined)) return false;
    for (const key of keys) this.#set(key, token, ttlMs);
    return true;
  }

  compareAndExpire(keys: readonly string[], token: string, ttlMs: number): boolean {
    if (keys.some((key) => this.get(key) !== token)) return false;
    for (const key of keys) this.#set(key, token, ttlMs);
    return true;
  }

  compareAndDelete(keys: readonly string[], token: string): boolean {
    const own = keys.filter((key) => this.get(key) === token);
    for (const key of own) this.#keys.delete(key);
    return own.length === keys.length;
  }

  publish(channel: string, message: string): number {
    const receivers = [...this.links].filter((link) => link.channel === channel && link.isSubscribed);
    for (const link of receivers) link.deliver(message);
    return receivers.length;
  }

  /** Executes a command, now or when it goes on. */
  receive(command: () => void): void {
    if (this.#isHung) this.#inbox.push(command);
    else command();
  }

  hang(): void {
    this.#isHung = true;
  }

  resume(): void {
    this.#isHung = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const command of inbox) command();
  }

  /** Ends every connection. What had arrived is done, or not. */
  crash(memory: 'kept' | 'lost'): void {
    this.cut();
    this.#absences++;
    if (memory === 'lost') this.#keys = new Map();
  }

  restart(): void {
    this.#absences--;
  }

  get isUp(): boolean {
    return this.#absences === 0;
  }

  cut(): void {
    for (const link of this.links) link.cut();
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#keys.get(key);
    return entry !== undefined && entry.expiresNs > systemClock.nowNs() ? entry : undefined;
  }

  #set(key: string, token: string, ttlMs: number): void {
    this.#keys.set(key, { token, expiresNs: systemClock.nowNs() + msToNs(ttlMs) });
  }
}

/** One direction of a connection. */
interface Lane {
  lastNs: Ns;
  readonly arrivals: (() => void)[];
}

/** A command under way. */
interface Flight {
  execute: (() => void) | undefined;
  fail(failure: Failure): void;
}

/** The connection of one client to one server. */
export class SimulatedMaster implements Master {
  readonly name: string;
  channel: string | undefined;
  readonly #server: SimulatedServer;
  readonly #index: number;
  readonly #link: Link;
  readonly #random: Random;
  readonly #flights = new Set<Flight>();
  readonly #onReady: (() => void)[] = [];
  readonly #onLost: ((cause: Error) => void)[] = [];
  #onMessage: (message: string) => void = () => undefined;
  #isReady = true;
  #isClosed = false;
  readonly #requests: Lane = { lastNs: 0, arrivals: [] };
  readonly #replies: Lane = { lastNs: 0, arrivals: [] };

  constructor(server: SimulatedServer, index: number, link: Link, random: Random) {
    this.name = `master-${String(index)}`;
    this.#server = server;
    this.#index = index;
    this.#link = link;
    this.#random = random;
    server.links.add(this);
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    this.#failAll();
    this.#server.links.delete(this);
    return Promise.resolve();
  }

  onReady(listener: () => void): void {
    this.#onReady.push(listener);
  }

  onLost(listener: (cause: Error) => void): void {
    this.#onLost.push(listener);
  }

  setIfAbsent(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.#vote(ballot, () => this.#server.setIfAbsent(resources, token, ttlMs));
  }

  compareAndExpire(resources: readonly string[], token: string, ttlMs: number, ballot: Ballot): void {
    this.#vote(ballot, () => this.#server.compareAndExpire(resources, token, ttlMs));
  }

  compareAndDelete(resources: readonly string[], token: string, ballot: Ballot): void {
    this.#vote(ballot, () => this.#server.compareAndDelete(resources, token));
  }

  evaluate(...[script, keys, args, onReply]: Parameters<Master['evaluate']>): void {
    this.#send(() => this.#run(script, keys, args), onReply, onReply);
  }

  publish(channel: string, message: string, onReply: (receivers: number) => void): void {
    this.#send(
      () => this.#server.publish(channel, message),
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
    if (this.#random.next() < this.#link.lossShare) return;
    setTimeout(() => {
      if (this.#isReady) this.#onMessage(message);
    }, this.#draw(this.#link.replyMs));
  }

  /**
   * Loses the connection. Of the requests that are on their way the server has read the first ones, or none: what it
   * has not read by now it never will, as a server that accepts the next connection has read the last one.
   */
  cut(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    for (const { execute } of this.#flights) {
      if (execute === undefined) continue;
      if (this.#random.next() < 0.5) break;
      execute();
    }
    this.#failAll();
    for (const listener of this.#onLost) listener(LOST.cause);
    this.#reconnect();
  }

  #reconnect(): void {
    setTimeout(() => {
      if (this.#isClosed) return;
      if (!this.#server.isUp) {
        this.#reconnect();
        return;
      }
      this.#isReady = true;
      for (const listener of this.#onReady) listener();
    }, this.#draw(RECONNECT_MS));
  }

  #failAll(): void {
    const flights = [...this.#flights];
    this.#flights.clear();
    for (const flight of flights) {
      flight.execute = undefined;
      flight.fail(LOST);
    }
  }

  #vote(ballot: Ballot, run: () => boolean): void {
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
    this.#travel(this.#requests, this.#link.requestMs, () => {
      this.#server.receive(() => flight.execute?.());
    });
  }

  /** Arrives after a delay, but not before what was sent before it; timers of one instant keep no order of their own. */
  #travel(lane: Lane, delayMs: number, arrive: () => void): void {
    const nowNs = systemClock.nowNs();
    lane.lastNs = Math.max(lane.lastNs, nowNs + msToNs(this.#draw(delayMs)));
    lane.arrivals.push(arrive);
    setTimeout(() => lane.arrivals.shift()?.(), nsToMs(lane.lastNs - nowNs));
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
    const owner = this.#server.get(key)?.slice(0, 12);
    if (owner === undefined) return null;
    return this.#server.publish(`${String(prefix)}${owner}`, String(message)) === 0 ? 0 : owner;
  }

  /** As the script does. */
  #extendMany(keys: readonly string[], args: readonly (string | number)[]): ScriptReply {
    const answers: number[] = [];
    let before = 0;
    for (let lock = 0; lock < args.length; lock += 3) {
      const [count, token, ttlMs] = args.slice(lock, lock + 3);
      const own = keys.slice(before, before + Number(count));
      answers.push(Number(this.#server.compareAndExpire(own, String(token), Number(ttlMs))));
      before += Number(count);
    }
    return answers;
  }
}

/** Taken before a test replaces the timers. */
const realImmediate = setImmediate;

/** Lets everything run that needs no time to pass. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}
