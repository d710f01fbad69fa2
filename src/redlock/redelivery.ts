/**
 * Deletions that did not reach their master, or whose reply was lost: told again when the master is back.
 *
 * @module
 */
import type { Clock, Ns } from '../model/time.js';
import type { Ballot, Master, Vote } from './master.js';

/** A deletion to repeat. After `expiresNs` the key is gone by its own ttl. */
export interface Deletion {
  readonly resources: readonly string[];
  readonly token: string;
  readonly expiresNs: Ns;
}

interface Undelivered extends Deletion {
  readonly repeats: number;
}

const REPEATS = 3;
const MOST_UNDELIVERED = 10_000;

/**
 * Keeps one master's undelivered deletions and repeats them whenever its connection is ready: each at most three
 * times, only while its key can exist, and at most 10,000 of them (the oldest go first: their ttl ends first).
 *
 * Repeating is safe because no token is ever used for a second attempt: a deletion that comes late, or twice, cannot
 * delete a later grant.
 */
export class Redelivery {
  readonly #master: Master;
  readonly #clock: Clock;
  #undelivered: Undelivered[] = [];

  constructor(master: Master, clock: Clock) {
    this.#master = master;
    this.#clock = clock;
    master.onReady(() => {
      this.#repeatAll();
    });
  }

  get size(): number {
    return this.#undelivered.length;
  }

  add(deletion: Deletion): void {
    this.#keep({ ...deletion, repeats: 0 });
  }

  #keep(undelivered: Undelivered): void {
    if (undelivered.repeats >= REPEATS || this.#clock.nowNs() >= undelivered.expiresNs) return;
    if (this.#undelivered.length >= MOST_UNDELIVERED) this.#undelivered.shift();
    this.#undelivered.push(undelivered);
  }

  #repeatAll(): void {
    const nowNs = this.#clock.nowNs();
    const due = this.#undelivered;
    this.#undelivered = [];
    for (const deletion of due) {
      if (nowNs >= deletion.expiresNs) continue;
      this.#master.compareAndDelete(deletion.resources, deletion.token, this.#ballot(deletion));
    }
  }

  #ballot(deletion: Undelivered): Ballot {
    return {
      isOpen: true,
      vote: (_master: number, vote: Vote) => {
        if (isUndelivered(vote)) this.#keep({ ...deletion, repeats: deletion.repeats + 1 });
      },
    };
  }
}

/** Whether a deletion may not have happened although the master could still do it. An error reply is an answer. */
export function isUndelivered(vote: Vote): boolean {
  return vote.kind === 'failed' && vote.reached !== 'answered';
}
