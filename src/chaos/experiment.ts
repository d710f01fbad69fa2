/**
 * What a fault experiment is, and the stage on which it plays.
 *
 * @module
 */
import type { Expectation } from '../check/experiment-verdict.js';
import type { Variant } from '../model/chaos.js';
import type { Fault } from '../model/fault.js';
import type { Persistence } from '../model/scenario.js';
import type { Ns } from '../model/time.js';
import type { Acquired, AcquireReport } from './contender-protocol.js';
import type { Contender } from './contender.js';

/** What is known of a lock, beyond what it states itself. */
export interface LockTraits {
  /** It looks at its clock before it hands a lock out. */
  readonly checksElapsed: boolean;
  /** The end of its promise stands on the client's wall clock. */
  readonly isOnWallClock: boolean;
  /** Its release goes to every master that may hold the key, whatever the client knows of it. */
  readonly releasesEverywhere: boolean;
  /** It is settled only when every master has answered, or its connection has given up. */
  readonly waitsForAll: boolean;
  /** A tie of votes, which an even number of masters allows, is never settled. */
  readonly hangsOnTies: boolean;
  /** It counts its ttl from the end of the acquisition, so that it promises longer than its keys live. */
  readonly promisesTooLong: boolean;
  /** It renews itself while its client is awake, so that it promises until its release. */
  readonly renews: boolean;
  /** Its keys have no ttl, so nothing ends but by a release. */
  readonly isEternal: boolean;
}

/** Under which an experiment is made. */
export interface Terms {
  readonly variant: Variant;
  readonly masters: number;
  readonly quorum: number;
  readonly traits: LockTraits;
  readonly canExtend: boolean;
}

export interface Experiment {
  /** Such as `F5`; a letter behind it for a second one of that row. */
  readonly id: string;
  readonly name: string;
  /** What it asks, one sentence. */
  readonly question: string;
  readonly ttlMs: number;
  /** How many clients take part. */
  readonly clients: 1 | 2 | 3;
  /** Longer than the answers are held back, where only the look at the clock is to be tried. Default: a tenth of the ttl. */
  readonly nodeTimeoutMs?: number;
  readonly persistence?: Persistence | 'snapshots';
  /** The masters' clocks are to be moved, which takes the shim. */
  readonly movesClocks?: true;
  /** One master with a replica, to which client 2 is connected. */
  readonly hasReplica?: true;
  /** Masters or ways are disturbed so that answers come late to whoever waits for all of them. */
  readonly delaysAnswers?: true;
  /** The rule of the guarded resource; `writes-only` is a mistake. */
  readonly ledgerRule?: 'first-touch' | 'writes-only';
  /** Why it has nothing to say on these terms; undefined when it has. */
  excludes(terms: Terms): string | undefined;
  expect(terms: Terms): Expectation;
  play(stage: Stage): Promise<void>;
}

/** A lock that a client holds. */
export interface Hold {
  readonly client: Contender;
  readonly granted: Acquired;
  read(): Promise<'ok' | 'refused'>;
  write(): Promise<'ok' | 'refused'>;
  extend(): Promise<string>;
  release(): Promise<void>;
}

export interface Load {
  readonly holdMs: number;
  readonly forMs: number;
  /** Slots of the one client. */
  readonly clients: number;
}

/** Something that was done and is to be undone. */
export interface Trouble {
  heal(): Promise<void>;
}

/** Masters and clients count from 1. */
export interface Stage {
  readonly terms: Terms;
  readonly ttlMs: number;
  client(number: number): Contender;
  /** One acquisition, which may wait for a little while. */
  attempt(client: number): Promise<AcquireReport>;
  /** The hold of an acquisition that was granted. */
  hold(client: number, report: AcquireReport): Hold | undefined;
  /** Acquires with the ttl of the experiment or another one, again and again for so long; undefined when it was not to be had. */
  take(client: number, withinMs?: number, ttlMs?: number): Promise<Hold | undefined>;
  /** As `take`, where the experiment is nothing without it. */
  mustTake(client: number): Promise<Hold>;
  /** A client of so many slots acquires, works, holds and releases, over and over. */
  loop(client: number, load: Load): Promise<{ readonly granted: number }>;
  /** Puts the key of a stranger on the masters, or takes it away again. */
  occupy(masters: readonly number[]): Promise<void>;
  vacate(masters: readonly number[]): Promise<void>;
  /** Cuts the client off from all other masters. */
  reachOnly(client: number, masters: readonly number[]): Promise<void>;
  /** Does it, and proves it. */
  inject(fault: Fault): Promise<Trouble>;
  /** Makes the master forget, or not, and lets it come back: at once, or after the delay of a delayed restart. */
  crash(master: number, how: 'kill' | 'power-loss' | 'shutdown', delayMs?: number): Promise<void>;
  /** Stops the process of a client. */
  pause(client: number): Promise<Trouble>;
  /** Stops the event loop of a client, for so long. */
  block(client: number, ms: number): Promise<Trouble>;
  moveWallClock(client: number, byMs: number): Promise<Trouble>;
  kill(client: number): Promise<void>;
  /** Holds back what the client writes to the guarded resource. */
  holdWrites(client: number): Promise<Trouble>;
  /** Cuts the replica off from its master. */
  holdReplication(): Promise<Trouble>;
  /** Waits until the replica has what the master has. */
  awaitReplication(): Promise<void>;
  /** @param mustLack whether the replica must not have the key */
  promoteReplica(mustLack: boolean): Promise<void>;
  /** How many masters have the key now. */
  keysSet(): Promise<number>;
  /** Whether the master has the key with the token of the hold; undefined when it does not say. */
  hasKey(master: number, hold: Hold): Promise<boolean | undefined>;
  /** Whether every master has this key beside that of the lock. */
  haveKey(suffix: string): Promise<boolean>;
  /** What an administrator does to the key of the lock, or to another one beside it. */
  administer(master: number, command: string, suffix: string, ...args: readonly string[]): Promise<Trouble>;
  /** How often the client was told, since then, that others hold the lock. */
  refusals(client: number, sinceNs: Ns): number;
  /** Waits for the last moment of the promise of a lock. */
  untilPromiseEnds(hold: Hold): Promise<void>;
  sleep(ms: number): Promise<void>;
  /** The lock was not to be had for a while when it should have been: the finding `liveness`. */
  outage(reason: string): void;
  /** The lock was not to be had any more, although the fault and a ttl were over: the finding `stuck`. */
  stuck(reason: string): void;
  /** How long it took to the next grant, from the end of the trouble, or from the death of the holder. */
  recovered(ms: number): void;
  /** Nothing can be said, because the experiment did not come about. */
  doubt(reason: string): void;
}

/** The numbers from one to another, both included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
