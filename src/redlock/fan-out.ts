/**
 * One command to all masters at once, and the count of their votes.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import { msToNs, type Clock, type Ns } from '../model/time.js';
import type { Expiring } from './deadline-queue.js';
import { QuorumUnreachableError } from './errors.js';
import { REFUSED, type Ballot, type Master, type MasterVote, type Vote } from './master.js';
import type { RedlockObserver } from './observer.js';
import { isUndelivered, type Deletion } from './redelivery.js';
import { isSplitVote, judgeAttempt, judgeChange, type VoteVerdict, type Votes } from './tally.js';

/** What is asked of every master. */
export interface Command {
  readonly kind: 'acquire' | 'extend' | 'release';
  readonly resources: readonly string[];
  readonly token: string;
  /** The ttl of the keys; for a release the longest that they can still have. */
  readonly ttlMs: number;
}

/** What the fan-outs of one client share. */
export interface Panel {
  readonly masters: readonly Master[];
  readonly clock: Clock;
  readonly nodeTimeoutMs: number;
  readonly observer: RedlockObserver | undefined;
  /** A release did not reach this master. */
  redeliver(master: number, deletion: Deletion): void;
  /** A fan-out is complete. */
  completed(): void;
}

/** A fan-out: it is settled once, when its votes decide, and complete when no vote can count any more. */
export class FanOut implements Ballot, Votes, Expiring {
  readonly command: Command;
  /** Read before the first write: validity counts from here. */
  readonly startNs: Ns;
  readonly deadlineNs: Ns;
  readonly masters: number;
  granted = 0;
  refused = 0;
  failed = 0;
  verdict: VoteVerdict | undefined;
  isComplete = false;
  readonly #panel: Panel;
  readonly #settled: ((fanOut: FanOut) => void) | undefined;
  /** Each master's vote; undefined while it is open, and for ever if it comes after the deadline. */
  readonly #votes: (Vote | undefined)[];

  constructor(panel: Panel, command: Command, startNs: Ns, settled: ((fanOut: FanOut) => void) | undefined) {
    this.#panel = panel;
    this.command = command;
    this.startNs = startNs;
    this.deadlineNs = startNs + msToNs(panel.nodeTimeoutMs);
    this.masters = panel.masters.length;
    this.#votes = new Array<Vote | undefined>(this.masters).fill(undefined);
    this.#settled = settled;
  }

  /** False once the votes have decided: a command that is not on its way by then must stay at home. */
  get isOpen(): boolean {
    return this.verdict === undefined;
  }

  /**
   * Writes to every master, in one tick, whatever the first ones answer at once: so each reachable master sees as many
   * commands as there were attempts. Cleaning up after an attempt, it passes over those that cannot hold its token.
   */
  launch(cleaning: FanOut | undefined): void {
    this.#panel.masters.forEach((master, index) => {
      if (cleaning?.cannotHold(index) === true) this.vote(index, REFUSED);
      else this.#write(master);
    });
  }

  vote(master: number, vote: Vote): void {
    this.#observe(master, vote);
    if (this.command.kind === 'release' && isUndelivered(vote)) this.#redeliver(master);
    if (this.isComplete) {
      if (this.command.kind === 'extend') this.#overturn(master, vote);
      return;
    }
    this.#votes[master] = vote;
    if (vote.kind === 'granted') this.granted++;
    else if (vote.kind === 'refused') this.refused++;
    else this.failed++;
    this.#advance();
  }

  /**
   * A vote on an extension that comes after the deadline. It is as true as before: the master has extended the keys, or
   * has none. Where all were too slow to decide it in time, the verdict may yet be found; it is settled again then.
   */
  #overturn(master: number, vote: Vote): void {
    if (this.verdict !== 'indeterminate' || this.#votes[master] !== undefined || vote.kind === 'failed') return;
    this.#votes[master] = vote;
    this.failed--;
    if (vote.kind === 'granted') this.granted++;
    else this.refused++;
    this.verdict = judgeChange(this);
    if (this.verdict !== 'indeterminate') this.#settled?.(this);
  }

  /** The deadline: votes that are still open count as failed. */
  expire(): void {
    const { observer } = this.#panel;
    if (this.command.kind === 'acquire' && observer !== undefined) {
      this.#votes.forEach((vote, master) => {
        if (vote === undefined) observer.timedOut?.(master);
      });
    }
    this.failed = this.masters - this.granted - this.refused;
    this.#advance();
  }

  /** Whether a master certainly has no key of this attempt: it said so, or the command was never written to it. */
  cannotHold(master: number): boolean {
    const vote = this.#votes[master];
    return vote?.kind === 'refused' || (vote?.kind === 'failed' && vote.reached === 'never');
  }

  /** Who voted what. */
  report(): MasterVote[] {
    return this.#panel.masters.map(({ name: master }, index): MasterVote => {
      const vote = this.#votes[index];
      if (vote === undefined) return { master, vote: this.isComplete ? 'timed out' : 'open' };
      if (vote.kind === 'failed') return { master, vote: 'failed', cause: vote.cause };
      return { master, vote: vote.kind === 'granted' ? 'granted' : 'held' };
    });
  }

  /** Says why too few masters answered. */
  explain(): QuorumUnreachableError {
    const failures: string[] = [];
    let cause: Error | undefined;
    this.#panel.masters.forEach(({ name }, index) => {
      const vote = this.#votes[index];
      if (vote?.kind === 'failed') {
        cause ??= vote.cause;
        failures.push(`${name}: ${vote.cause.message}`);
      } else if (vote === undefined) {
        failures.push(`${name}: no answer within ${String(this.#panel.nodeTimeoutMs)} ms`);
      }
    });
    return new QuorumUnreachableError(
      `expected a majority of ${String(quorumOf(this.masters))} of ${String(this.masters)} masters, ` +
        `got ${String(this.granted)} for and ${String(this.refused)} against; check the others: ${failures.join('; ')}`,
      cause === undefined ? undefined : { cause },
    );
  }

  #write(master: Master): void {
    const { kind, resources, token, ttlMs } = this.command;
    if (kind === 'acquire') master.setIfAbsent(resources, token, ttlMs, this);
    else if (kind === 'extend') master.compareAndExpire(resources, token, ttlMs, this);
    else master.compareAndDelete(resources, token, this);
  }

  #advance(): void {
    if (this.verdict === undefined) {
      this.verdict = this.command.kind === 'acquire' ? judgeAttempt(this) : judgeChange(this);
      if (this.verdict !== undefined) {
        if (this.command.kind === 'acquire') this.#panel.observer?.attempted?.(this);
        this.#settled?.(this);
      }
    }
    if (this.granted + this.refused + this.failed < this.masters) return;
    this.isComplete = true;
    if (this.command.kind === 'acquire') this.#observeEnd();
    this.#panel.completed();
  }

  #observe(master: number, vote: Vote): void {
    const { observer, clock } = this.#panel;
    if (observer === undefined || this.command.kind !== 'acquire') return;
    if (vote.kind === 'failed') observer.failed?.(master);
    else observer.roundTrip?.(master, clock.nowNs() - this.startNs);
  }

  #observeEnd(): void {
    const { observer } = this.#panel;
    if (this.verdict === 'granted') observer?.votes?.(this.granted);
    else if (isSplitVote(this)) observer?.splitVote?.();
  }

  #redeliver(master: number): void {
    const { resources, token, ttlMs } = this.command;
    this.#panel.redeliver(master, { resources, token, expiresNs: this.startNs + msToNs(ttlMs) });
  }
}
