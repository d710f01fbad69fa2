/**
 * The masters of one client, and everything that is under way with them.
 *
 * @module
 */
import type { Clock, Ns } from '../model/time.js';
import { DeadlineQueue } from './deadline-queue.js';
import { dealReply, packExtensions, type ExtensionChunk } from './extension-chunk.js';
import { FanOut, type Command, type Panel } from './fan-out.js';
import type { Master, ScriptReply } from './master.js';
import type { RedlockObserver } from './observer.js';
import { Redelivery, type Deletion } from './redelivery.js';
import { EXTEND_MANY } from './scripts.js';

export interface ElectorateSettings {
  readonly clock: Clock;
  readonly nodeTimeoutMs: number;
  readonly observer: RedlockObserver | undefined;
}

/** A command, and who is told when its votes decide. */
export interface Request {
  readonly command: Command;
  readonly settled: (fanOut: FanOut) => void;
}

/**
 * A master that has so many script calls to answer gets no further ones: memory is finite, and answers that come after
 * their deadline only make for more calls.
 */
const MOST_UNANSWERED_SCRIPTS = 256;
const OVERLOADED: ScriptReply = {
  kind: 'failed',
  reached: 'never',
  cause: new Error(`${String(MOST_UNANSWERED_SCRIPTS)} script calls are unanswered`),
};

/** Sends commands to all masters, lets go of them at their deadline, and knows when nothing is under way. */
export class Electorate implements Panel {
  readonly masters: readonly Master[];
  readonly clock: Clock;
  readonly observer: RedlockObserver | undefined;
  readonly nodeTimeoutMs: number;
  /** Told of every release when its deletions have been written, in the same tick. */
  onRelease: ((resources: readonly string[], token: string) => void) | undefined;
  readonly #deadlines: DeadlineQueue;
  readonly #redeliveries: readonly Redelivery[];
  /** For each master, the script calls of `askTogether` that are under way. */
  readonly #unanswered: number[];
  #underWay = 0;
  #onIdle: (() => void)[] = [];

  constructor(masters: readonly Master[], { clock, nodeTimeoutMs, observer }: ElectorateSettings) {
    this.masters = masters;
    this.clock = clock;
    this.observer = observer;
    this.nodeTimeoutMs = nodeTimeoutMs;
    this.#deadlines = new DeadlineQueue(clock);
    this.#redeliveries = masters.map((master) => new Redelivery(master, clock));
    this.#unanswered = masters.map(() => 0);
  }

  /**
   * Sends a command to every master in this tick and resolves when the votes decide, at the deadline at the latest.
   *
   * @param startNs now, where the caller has read the clock already
   */
  ask(command: Command, startNs: Ns = this.clock.nowNs()): Promise<FanOut> {
    return new Promise((resolve) => {
      this.#launch(new FanOut(this, command, startNs, resolve), undefined);
      if (command.kind === 'release') this.onRelease?.(command.resources, command.token);
    });
  }

  /**
   * Sends extensions to every master in this tick, many in one script call. Each has its own votes, deadline and
   * verdict, just as if it were sent with `ask`.
   *
   * @param startNs now
   */
  askTogether(extensions: readonly Request[], startNs: Ns): void {
    const fanOuts = extensions.map(({ command, settled }) => new FanOut(this, command, startNs, settled));
    const [first] = fanOuts;
    if (first !== undefined && fanOuts.length === 1) {
      this.#launch(first, undefined);
      return;
    }
    this.#underWay += fanOuts.length;
    for (const chunk of packExtensions(fanOuts)) {
      this.masters.forEach((master, index) => {
        this.#extend(master, index, chunk);
      });
    }
    for (const fanOut of fanOuts) if (!fanOut.isComplete) this.#deadlines.push(fanOut);
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

  /** Counts something besides fan-outs as under way, until `completed`. */
  begin(): void {
    this.#underWay++;
  }

  completed(): void {
    this.#underWay--;
    if (this.#underWay > 0 || this.#onIdle.length === 0) return;
    const idle = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of idle) resolve();
  }

  #extend(master: Master, index: number, chunk: ExtensionChunk): void {
    const unanswered = this.#unanswered[index] ?? 0;
    if (unanswered >= MOST_UNANSWERED_SCRIPTS) {
      dealReply(chunk, index, OVERLOADED);
      return;
    }
    this.#unanswered[index] = unanswered + 1;
    master.evaluate(EXTEND_MANY, chunk.keys, chunk.args, (reply) => {
      this.#unanswered[index] = (this.#unanswered[index] ?? 0) - 1;
      dealReply(chunk, index, reply);
    });
  }

  #launch(fanOut: FanOut, cleaning: FanOut | undefined): void {
    this.#underWay++;
    fanOut.launch(cleaning);
    if (!fanOut.isComplete) this.#deadlines.push(fanOut);
  }
}
