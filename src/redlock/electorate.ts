/**
 * The masters of one client, and everything that is under way with them.
 *
 * @module
 */
import type { Clock, Ns } from '../model/time.js';
import { DeadlineQueue } from './deadline-queue.js';
import { FanOut, type Command, type Panel } from './fan-out.js';
import type { Master } from './master.js';
import type { RedlockObserver } from './observer.js';
import { Redelivery, type Deletion } from './redelivery.js';

export interface ElectorateSettings {
  readonly clock: Clock;
  readonly nodeTimeoutMs: number;
  readonly observer: RedlockObserver | undefined;
}

/** Sends commands to all masters, lets go of them at their deadline, and knows when nothing is under way. */
export class Electorate implements Panel {
  readonly masters: readonly Master[];
  readonly clock: Clock;
  readonly observer: RedlockObserver | undefined;
  readonly nodeTimeoutMs: number;
  readonly #deadlines: DeadlineQueue;
  readonly #redeliveries: readonly Redelivery[];
  #underWay = 0;
  #onIdle: (() => void)[] = [];

  constructor(masters: readonly Master[], { clock, nodeTimeoutMs, observer }: ElectorateSettings) {
    this.masters = masters;
    this.clock = clock;
    this.observer = observer;
    this.nodeTimeoutMs = nodeTimeoutMs;
    this.#deadlines = new DeadlineQueue(clock);
    this.#redeliveries = masters.map((master) => new Redelivery(master, clock));
  }

  /**
   * Sends a command to every master in this tick and resolves when the votes decide, at the deadline at the latest.
   *
   * @param startNs now, where the caller has read the clock already
   */
  ask(command: Command, startNs: Ns = this.clock.nowNs()): Promise<FanOut> {
    return new Promise((resolve) => {
      this.#launch(new FanOut(this, command, startNs, resolve), undefined);
    });
  }

  /** Releases the token of a failed attempt on every master that may hold it. Not awaited; `drain` waits for it. */
  cleanUp(attempt: FanOut): void {
    const command: Command = { ...attempt.command, kind: 'release' };
    this.#launch(new FanOut(this, command, this.clock.nowNs(), undefined), attempt);
  }

  /** Resolves when every fan-out is complete: all its votes were given, or its deadline has passed. */
  async drain(): Promise<void> {
    // In a loop: the attempt whose completion woke us may have been followed by its clean-up.
    while (this.#underWay > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  redeliver(master: number, deletion: Deletion): void {
    this.#redeliveries[master]?.add(deletion);
  }

  completed(): void {
    this.#underWay--;
    if (this.#underWay > 0 || this.#onIdle.length === 0) return;
    const idle = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of idle) resolve();
  }

  #launch(fanOut: FanOut, cleaning: FanOut | undefined): void {
    this.#underWay++;
    fanOut.launch(cleaning);
    if (!fanOut.isComplete) this.#deadlines.push(fanOut);
  }
}
