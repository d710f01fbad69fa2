/**
 * Fencing: a token that is unique and strictly increasing over the grants of one resource.
 *
 * ## How
 *
 * Each master keeps the highest fence that it was given, as text under the key `RESOURCE:fence`. A grant reads it from
 * a quorum, adds one to the highest counter, and writes the pair (counter, owner) to all masters, each of which takes it
 * only if it is above the pair that it has. The pair is a fence once a quorum took it; refused, it is tried again above
 * what the refusals told.
 *
 * Why it increases: the quorums of two fences share a master, and that master took the two pairs in their order. So a
 * fence that was complete before the first write of another is below it, whatever was lost or late in between and
 * whichever client died half-way. The reading is not needed for that. It only picks a counter that will not be refused,
 * and so may be as old as the attempt to acquire, in whose tick it is written. Why it is unique: its owner is.
 *
 * ## What it costs
 *
 * One round trip after that of the acquisition; the reading costs a command for each master and attempt, but no waiting.
 * One more round trip for each refusal, which takes another client that is minting, or an old reading. And one key for
 * each resource and master, for ever: it has no ttl, because a counter that expired would start again below the fences
 * that the resource has seen. A resource must not be named as the key of another one, such as `a` and `a:fence`.
 *
 * ## What it survives
 *
 * Any number of lost clients, messages and connections, and any number of restarts of masters that lose nothing (AOF
 * with `appendfsync always`). Of masters that forget: with k of N having stored a fence or one above it, the loss of
 * f of these memories is survived if and only if k − f > N − Q, because then every later quorum meets one that still
 * knows. So N = 3 survives one loss when all three had stored it, and none when two had; N = 5 survives two, one or
 * none when five, four or three had; N = 1 none. All that are connected usually store it, but only Q are waited for.
 * After a loss that is not survived the fences still are unique, but they start again below the old ones.
 *
 * ## What it does not do
 *
 * It does not keep two clients from believing that they hold the lock: a paused holder does, until it looks. It lets
 * the resource refuse the earlier one. For that the resource must register a fence on its first touch, reads included,
 * and refuse every lower one from then on. If only writes were registered, the later holder could read, the earlier
 * one write, and the later one write back what it had read: the earlier write would be lost without a trace.
 *
 * @module
 */
import { UsageError } from '../model/errors.js';
import { quorumOf } from '../model/quorum.js';
import type { Random } from '../model/random.js';
import { msToNs, nsToMs, type Clock, type Ns } from '../model/time.js';
import { drawBackoffMs } from './backoff.js';
import { DeadlineQueue, type Expiring } from './deadline-queue.js';
import { FenceRefusedError, QuorumUnreachableError } from './errors.js';
import { formatFence, laterFence, nextFence, ownerOf, parseFence, type Fence } from './fence.js';
import type { Master, ScriptReply } from './master.js';
import { FENCE_READ, FENCE_WRITE, type Script } from './scripts.js';
import { judgeAttempt, type VoteVerdict, type Votes } from './tally.js';

/**
 * `expired`: the lock's validity ended before its fence was complete. `indeterminate`: too few masters answered in
 * time, or others were ahead in every round.
 */
export type MintOutcome =
  | { readonly status: 'minted'; readonly fence: Fence }
  | { readonly status: 'indeterminate'; readonly cause: Error }
  | { readonly status: 'expired' };

export interface FencingSettings {
  readonly clock: Clock;
  readonly nodeTimeoutMs: number;
  readonly random: Random;
}

/** A reading under way: what `mint` starts from. */
export type Reading = Round;

type FencingMaster = Pick<Master, 'name' | 'evaluate'>;

/** Refusals take other minters, and a lock has few at a time: more rounds than this would not help. */
const MOST_ROUNDS = 8;
/** Before the third round and later ones; the first refusal is mostly that of an old reading, and is not waited for. */
const BACKOFF = { retryDelayMs: 0, retryJitterMs: 8 };

const EXPIRED: MintOutcome = { status: 'expired' };

/** Refuses fencing for anything but one resource: UsageError. */
export function requireOneResource(resources: readonly string[]): void {
  if (resources.length === 1) return;
  throw new UsageError([
    `fencing: expected one resource, got ${String(resources.length)}; take a fenced lock for each resource, because ` +
      'the fences of different sets of resources could not be compared',
  ]);
}

/** Mints the fences of one client. */
export class Fencing {
  readonly #masters: readonly FencingMaster[];
  readonly #settings: FencingSettings;
  readonly #deadlines: DeadlineQueue;

  constructor(masters: readonly FencingMaster[], settings: FencingSettings) {
    this.#masters = masters;
    this.#settings = settings;
    this.#deadlines = new DeadlineQueue(settings.clock);
  }

  /** Asks every master, in this tick, for the resource's highest fence. One that is not used costs nothing more. */
  startReading(resource: string): Reading {
    return this.#ask(FENCE_READ, resource, [], 'granted');
  }

  /**
   * Makes the fence of a granted lock: call it after the grant, and check the validity after it.
   *
   * @param token the lock's own, unique to this grant
   * @param reading of the same resource, by this client
   * @param untilNs the end of the lock's validity; a fence that is complete only then is `expired`
   */
  async mint(resource: string, token: string, reading: Reading, untilNs: Ns): Promise<MintOutcome> {
    const { clock, random } = this.#settings;
    const owner = ownerOf(token);
    await reading.settled;
    if (reading.verdict !== 'granted') return { status: 'indeterminate', cause: reading.explain('read a fence') };
    let last = reading;
    let highest: Fence | undefined;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (round > 1) await sleep(Math.min(drawBackoffMs(BACKOFF, round - 2, random), nsToMs(untilNs - clock.nowNs())));
      if (clock.nowNs() >= untilNs) return EXPIRED;
      highest = laterFence(highest, last.highest);
      const fence = nextFence(highest, owner);
      if (fence === undefined) return refused(resource, 'the counter is at its largest number');
      last = this.#ask(FENCE_WRITE, resource, [formatFence(fence)], 'refused');
      await last.settled;
      if (last.verdict === 'granted') return clock.nowNs() < untilNs ? { status: 'minted', fence } : EXPIRED;
      if (last.verdict === 'indeterminate') {
        return { status: 'indeterminate', cause: last.explain('store a fence') };
      }
    }
    return refused(resource, `others stored higher fences in each of ${String(MOST_ROUNDS)} rounds`);
  }

  #ask(script: Script, resource: string, args: readonly string[], fenceMeans: 'granted' | 'refused'): Round {
    const deadlineNs = this.#settings.clock.nowNs() + msToNs(this.#settings.nodeTimeoutMs);
    const round = new Round(this.#masters, deadlineNs, fenceMeans);
    const keys = [`${resource}:fence`];
    this.#masters.forEach((master, index) => {
      master.evaluate(script, keys, args, (reply) => {
        round.take(index, reply);
      });
    });
    if (!round.isComplete) this.#deadlines.push(round);
    return round;
  }
}

/** One script on every master: settled when the replies decide, complete when none can count any more. */
class Round implements Votes, Expiring {
  readonly masters: number;
  readonly deadlineNs: Ns;
  readonly settled: Promise<void>;
  granted = 0;
  refused = 0;
  failed = 0;
  verdict: VoteVerdict | undefined;
  /** The highest fence that a master told. */
  highest: Fence | undefined;
  readonly #masters: readonly FencingMaster[];
  readonly #fenceMeans: 'granted' | 'refused';
  /** Each master's failure, or null for a good answer; undefined while it is open. */
  readonly #failures: (Error | null | undefined)[];
  #settle: () => void = () => undefined;

  /** @param fenceMeans what a master that tells a fence says: a reading succeeded, or a write was refused */
  constructor(masters: readonly FencingMaster[], deadlineNs: Ns, fenceMeans: 'granted' | 'refused') {
    this.masters = masters.length;
    this.deadlineNs = deadlineNs;
    this.#masters = masters;
    this.#fenceMeans = fenceMeans;
    this.#failures = new Array<Error | undefined>(masters.length).fill(undefined);
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get isComplete(): boolean {
    return this.granted + this.refused + this.failed === this.masters;
  }

  take(master: number, reply: ScriptReply): void {
    if (this.isComplete) return;
    const answer = readReply(reply);
    this.#failures[master] = answer instanceof Error ? answer : null;
    if (answer instanceof Error) this.failed++;
    else if (answer === undefined) this.granted++;
    else {
      this[this.#fenceMeans]++;
      this.highest = laterFence(this.highest, answer);
    }
    this.#advance();
  }

  /** The deadline: a write that is taken later may be stored, but is not counted. */
  expire(): void {
    this.failed = this.masters - this.granted - this.refused;
    this.#advance();
  }

  /** Says why too few masters answered. */
  explain(task: string): QuorumUnreachableError {
    const failures = this.#masters.flatMap(({ name }, index) => {
      const failure = this.#failures[index];
      return failure === null ? [] : [`${name}: ${failure?.message ?? 'no answer within the node timeout'}`];
    });
    const cause = this.#failures.find((failure) => failure instanceof Error);
    return new QuorumUnreachableError(
      `expected a majority of ${String(quorumOf(this.masters))} of ${String(this.masters)} masters to ${task}, ` +
        `got ${String(this.granted)}; check the others: ${failures.join('; ')}`,
      cause === undefined ? undefined : { cause },
    );
  }

  #advance(): void {
    if (this.verdict !== undefined) return;
    this.verdict = judgeAttempt(this);
    if (this.verdict !== undefined) this.#settle();
  }
}

/** What a reply says: a fence that is stored there, undefined for none above ours, or an error. */
function readReply(reply: ScriptReply): Fence | undefined | Error {
  if (reply === null || reply === 1) return undefined;
  if (typeof reply === 'object' && 'cause' in reply) return reply.cause;
  const fence = typeof reply === 'string' ? parseFence(reply) : undefined;
  return fence ?? new Error('expected a fence at its key, got something else; keep others from writing there');
}

const refused = (resource: string, reason: string): MintOutcome => ({
  status: 'indeterminate',
  cause: new FenceRefusedError(resource, reason),
});

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
