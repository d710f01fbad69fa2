/**
 * A Redis server that lives in memory: its keys, its clock, and what can happen to it.
 *
 * @module
 */
import type { WallClock } from './wall-clock.js';

/** What a server knows of a connection. */
export interface Connection {
  /** What it is subscribed to. */
  readonly channel: string | undefined;
  readonly isSubscribed: boolean;
  deliver(message: string): void;
  cut(): void;
}

interface Entry {
  readonly token: string;
  /** By the server's wall clock. */
  readonly expiresMs: number;
}

/** One server, for any number of clients. */
export class SimulatedServer {
  readonly connections = new Set<Connection>();
  readonly clock: WallClock;
  /** How many crashes it has not come back from: they may overlap. */
  #absences = 0;
  #keys = new Map<string, Entry>();
  #isHung = false;
  #inbox: (() => void)[] = [];

  constructor(clock: WallClock) {
    this.clock = clock;
  }

  /** The token that a key holds now. */
  get(key: string): string | undefined {
    return this.#entry(key)?.token;
  }

  /** When the key ends, by the server's wall clock. */
  expiresMs(key: string): number {
    return this.#entry(key)?.expiresMs ?? 0;
  }

  /** All that is held now, as key and token. */
  contents(): [key: string, token: string][] {
    return [...this.#keys.keys()].flatMap((key) => {
      const token = this.get(key);
      return token === undefined ? [] : [[key, token]];
    });
  }

  /** SET with PX. */
  set(keys: readonly string[], token: string, ttlMs: number): boolean {
    const expiresMs = this.clock.readMs() + ttlMs;
    for (const key of keys) this.#keys.set(key, { token, expiresMs });
    return true;
  }

  /** SET with NX and PX. */
  setIfAbsent(keys: readonly string[], token: string, ttlMs: number): boolean {
    if (keys.some((key) => this.get(key) !== undefined)) return false;
    return this.set(keys, token, ttlMs);
  }

  compareAndExpire(keys: readonly string[], token: string, ttlMs: number): boolean {
    if (keys.some((key) => this.get(key) !== token)) return false;
    return this.set(keys, token, ttlMs);
  }

  compareAndDelete(keys: readonly string[], token: string): boolean {
    const own = keys.filter((key) => this.get(key) === token);
    return this.delete(own) && own.length === keys.length;
  }

  /** DEL; also what an eviction does. */
  delete(keys: readonly string[]): boolean {
    for (const key of keys) this.#keys.delete(key);
    return true;
  }

  publish(channel: string, message: string): number {
    const receivers = [...this.connections].filter((each) => each.channel === channel && each.isSubscribed);
    for (const connection of receivers) connection.deliver(message);
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
    for (const connection of this.connections) connection.cut();
  }

  /** As Redis has it: a key is gone when now is after its end, not at it. */
  #entry(key: string): Entry | undefined {
    const entry = this.#keys.get(key);
    return entry === undefined || this.clock.readMs() > entry.expiresMs ? undefined : entry;
  }
}
