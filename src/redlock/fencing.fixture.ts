/**
 * Fencing on simulated masters: the protocol is the real one, the network does what a schedule says.
 *
 * @module
 */
import { vi } from 'vitest';
import { seededRandom, type Random } from '../model/random.js';
import { msToNs, systemClock } from '../model/time.js';
import { compareFences, type Fence } from './fence.js';
import { Fencing, type MintOutcome, type Reading } from './fencing.js';
import type { Master, ScriptReply } from './master.js';
import { FENCE_READ, type Script } from './scripts.js';

/** How a master stores fences: as ours do, or in one of the two ways that do not work. */
export type WriteRule = 'conditional' | 'unconditional' | 'no write-back';

/** What one master knows about one resource. A test on real servers holds it against the scripts. */
export class FenceMemory {
  text: string | undefined;
  readonly #rule: WriteRule;

  constructor(rule: WriteRule = 'conditional') {
    this.#rule = rule;
  }

  run(script: Script, [fence]: readonly (string | number)[]): ScriptReply {
    if (script === FENCE_READ) return this.text ?? null;
    if (this.#rule === 'no write-back') return 1;
    const text = String(fence);
    if (this.#rule === 'conditional' && this.text !== undefined && text <= this.text) return this.text;
    this.text = text;
    return 1;
  }
}

const DOWN: ScriptReply = { kind: 'failed', reached: 'never', cause: new Error('not connected') };

/** A master that answers at once, or is down. */
export class InstantMaster implements Pick<Master, 'name' | 'evaluate'> {
  readonly name: string;
  readonly memory = new FenceMemory();
  readonly scripts: Script[] = [];
  isUp = true;

  constructor(index: number) {
    this.name = `master-${String(index)}`;
  }

  evaluate(
    script: Script,
    _keys: unknown,
    args: readonly (string | number)[],
    onReply: (reply: ScriptReply) => void,
  ): void {
    this.scripts.push(script);
    onReply(this.isUp ? this.memory.run(script, args) : DOWN);
  }
}

export const NODE_TIMEOUT_MS = 50;
export const settings = { clock: systemClock, nodeTimeoutMs: NODE_TIMEOUT_MS, random: seededRandom(1) };

/** A token as a lock has it, from a seeded stream. */
export function drawToken(random: Random): string {
  return Buffer.from(Array.from({ length: 20 }, () => Math.floor(random.next() * 256))).toString('base64url');
}

/** One fence, in the order of events of a simulation. */
export interface Minted {
  readonly fence: Fence;
  /** When its reading began, when its writing did, and when it was complete. */
  readonly readAt: number;
  readonly writtenAt: number;
  readonly mintedAt: number;
}

/** Two fences that are equal, or not in the order of their minting; undefined where there are none. */
export function findViolation(minted: readonly Minted[], beginning: 'readAt' | 'writtenAt'): Minted[] | undefined {
  for (const earlier of minted) {
    for (const later of minted) {
      if (earlier === later) continue;
      const order = compareFences(earlier.fence, later.fence);
      if (order === 0 || (earlier.mintedAt < later[beginning] && order > 0)) return [earlier, later];
    }
  }
  return undefined;
}

/** What happens next, and to which of the messages or clients: any two numbers are a step. */
export type Step = readonly [action: number, choice: number];

interface Client {
  readonly fencing: Fencing;
  isAlive: boolean;
  /** Undefined while it has none under way. */
  reading: { readonly reading: Reading; readonly at: number } | undefined;
  isMinting: boolean;
}

/** Taken before a test replaces the timers. */
const setRealImmediate = setImmediate;
const settle = () => new Promise<void>((resolve) => setRealImmediate(resolve));

/**
 * Some clients and masters. Messages arrive in any order or never; clients die half-way; time passes. Needs the fake
 * timers of vitest.
 */
export class Simulation {
  readonly minted: Minted[] = [];
  readonly outcomes: MintOutcome['status'][] = [];
  readonly #memories: readonly FenceMemory[];
  readonly #clients: Client[];
  readonly #random: Random;
  /** Requests and replies under way. */
  readonly #messages: (() => void)[] = [];
  #events = 0;

  constructor(masters: number, clients: number, rule: WriteRule, seed: number) {
    this.#memories = Array.from({ length: masters }, () => new FenceMemory(rule));
    this.#random = seededRandom(seed);
    this.#clients = Array.from({ length: clients }, () => this.#open());
  }

  async step([action, choice]: Step): Promise<void> {
    const kind = action % 100;
    const message = choice % Math.max(1, this.#messages.length);
    if (kind < 62) this.#messages.splice(message, 1)[0]?.();
    else if (kind < 66) this.#messages.splice(message, 1);
    else if (kind < 92) this.#advance(choice % this.#clients.length);
    else if (kind < 95) this.#crash(choice % this.#clients.length);
    else vi.advanceTimersByTime(kind < 98 ? 5 : NODE_TIMEOUT_MS + 5);
    await settle();
  }

  /** Lets everything arrive, and then lets each client mint once more, one after the other. */
  async finish(): Promise<void> {
    await this.#deliverAll();
    for (let index = 0; index < this.#clients.length; index++) {
      for (let part = 0; part < 2; part++) {
        this.#advance(index);
        await this.#deliverAll();
      }
    }
  }

  async #deliverAll(): Promise<void> {
    await settle();
    for (let wait = 0; wait < 20; wait++) {
      while (this.#messages.length > 0) {
        this.#messages.shift()?.();
        await settle();
      }
      vi.advanceTimersByTime(NODE_TIMEOUT_MS);
      await settle();
    }
  }

  #open(): Client {
    const client: Client = {
      isAlive: true,
      reading: undefined,
      isMinting: false,
      fencing: new Fencing(
        this.#memories.map((memory, index) => ({
          name: String(index),
          evaluate: (script, _keys, args, onReply) => {
            this.#messages.push(() => {
              const reply = memory.run(script, args);
              this.#messages.push(() => {
                if (client.isAlive) onReply(reply);
              });
            });
          },
        })),
        settings,
      ),
    };
    return client;
  }

  #advance(index: number): void {
    const client = this.#clients[index];
    if (client === undefined || client.isMinting) return;
    const { reading } = client;
    if (reading === undefined) client.reading = { reading: client.fencing.startReading('r'), at: this.#events++ };
    else void this.#mint(client, reading);
  }

  async #mint(client: Client, { reading, at: readAt }: NonNullable<Client['reading']>): Promise<void> {
    client.isMinting = true;
    const writtenAt = this.#events++;
    const untilNs = systemClock.nowNs() + msToNs(4 * NODE_TIMEOUT_MS);
    const outcome = await client.fencing.mint('r', drawToken(this.#random), reading, untilNs);
    if (!client.isAlive) return;
    client.isMinting = false;
    client.reading = undefined;
    this.outcomes.push(outcome.status);
    if (outcome.status === 'minted') {
      this.minted.push({ fence: outcome.fence, readAt, writtenAt, mintedAt: this.#events++ });
    }
  }

  /** The client never hears of anything again; what it sent is still on its way. Another one takes its place. */
  #crash(index: number): void {
    const client = this.#clients[index];
    if (client !== undefined) client.isAlive = false;
    this.#clients[index] = this.#open();
  }
}
