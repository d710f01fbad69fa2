/**
 * Redlock as the textbook has it: one master after the other.
 *
 * On the wire, on each of N masters in turn, with the node timeout for each: `SET key token NX PX ttl`. All are asked,
 * whatever the first ones said. It is acquired with floor(N/2)+1 grants and validity left: ttl − elapsed − drift
 * allowance (ttl × 0.01 + 2 ms). Otherwise the compare-and-delete script is sent to all masters. Release and extension
 * go from master to master too, by script. The token is 20 random bytes, new for each attempt; the ttl whole
 * milliseconds, rounded down.
 *
 * After the algorithm of the Redis documentation, "Distributed Locks with Redis".
 *
 * What is wrong with it: N round trips instead of one, and a silent master costs its timeout each time.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import { quorumOf } from '../model/quorum.js';
import { MOST_MASTERS } from '../model/scenario.js';
import type { Clock, Ns } from '../model/time.js';
import { EXTEND, RELEASE, type Script } from '../redlock/scripts.js';
import { isSplitVote, judgeAttempt, judgeChange, type Votes } from '../redlock/tally.js';
import { TokenPool } from '../redlock/token.js';
import { validUntil } from '../redlock/validity.js';
import type { ExtendOutcome, HeldLock, LockAdapter, LockContext, LockObserver, ReleaseOutcome } from './lock-client.js';
import { openServers } from './open-servers.js';
import { PollingClient, resourceOf, uniformWait, type Attempt, type Steps } from './polling-client.js';
import type { Caller, ServerConnection } from './server-connection.js';
import { wholeMs } from './whole-ttl.js';

const name = 'redlock-sequential';
const DRIFT_FACTOR = 0.01;

const capabilities = { maxMasters: MOST_MASTERS, canExtend: true };

export const redlockSequentialAdapter: LockAdapter = {
  name,
  description: 'Redlock on N independent masters, asked one after the other',
  capabilities,
  async open(context) {
    const { scenario, clock, random } = context;
    const { acquireTimeoutMs } = scenario;
    const servers = await openServers(context, [RELEASE, EXTEND]);
    const drawWaitMs = uniformWait(scenario, random);
    return new PollingClient(
      { name, capabilities, acquireTimeoutMs, clock, drawWaitMs },
      new SequentialSteps(servers, context),
    );
  },
};

/** What the masters said in one round, and the last failure among it. */
interface Round extends Votes {
  readonly cause: Error;
}

class SequentialSteps implements Steps {
  readonly #servers: readonly ServerConnection[];
  readonly #acquiring: readonly Caller[];
  readonly #clock: Clock;
  readonly #observer: LockObserver;
  readonly #tokens = new TokenPool('');

  constructor(servers: readonly ServerConnection[], { clock, observer }: LockContext) {
    this.#servers = servers;
    this.#acquiring = servers.map((server, master) => server.acquiring(observer, master));
    this.#clock = clock;
    this.#observer = observer;
  }

  async attempt(resource: string, ttlMs: number, isOver: () => boolean): Promise<Attempt> {
    const token = this.#tokens.take();
    const validUntilNs = this.#validUntil(ttlMs);
    // Nobody waits for the masters that were not asked yet; what the others granted is released all the same.
    const round = await askInTurn(
      this.#acquiring,
      async (server) => (await server.call('SET', resource, token, 'NX', 'PX', wholeMs(ttlMs))) === 'OK',
      isOver,
    );
    const isQuorum = round.granted >= quorumOf(round.masters);
    // Granted after the abort, it is given back below, to all masters at once, and told as aborted.
    if (isQuorum && !isOver() && this.#clock.nowNs() < validUntilNs) {
      return { status: 'acquired', lock: { resources: [resource], token, validUntilNs } };
    }
    if (isSplitVote(round)) this.#observer.splitVote();
    if (isOver()) await this.#releaseAtOnce(resource, token);
    else await this.#runInTurn(RELEASE, resource, token);
    if (isQuorum) return { status: 'expired' };
    if (judgeAttempt(round) === 'indeterminate') return { status: 'indeterminate', cause: round.cause };
    return { status: 'held' };
  }

  async release(lock: HeldLock): Promise<ReleaseOutcome> {
    const round = await this.#runInTurn(RELEASE, resourceOf(lock), lock.token);
    const verdict = judgeChange(round);
    if (verdict === 'granted') return { status: 'released' };
    return verdict === 'refused' ? { status: 'lost' } : { status: 'indeterminate', cause: round.cause };
  }

  async extend(lock: HeldLock, ttlMs: number): Promise<ExtendOutcome> {
    const validUntilNs = this.#validUntil(ttlMs);
    const round = await this.#runInTurn(EXTEND, resourceOf(lock), lock.token, wholeMs(ttlMs));
    const verdict = judgeChange(round);
    if (verdict === 'indeterminate') return { status: 'indeterminate', cause: round.cause };
    const isValid = verdict === 'granted' && this.#clock.nowNs() < validUntilNs;
    return isValid ? { status: 'extended', lock: { ...lock, validUntilNs } } : { status: 'lost' };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  #validUntil(ttlMs: number): Ns {
    return validUntil(this.#clock.nowNs(), wholeMs(ttlMs), DRIFT_FACTOR);
  }

  /** For an attempt that nobody waits for: silent masters, one after the other, would keep the client from closing. */
  async #releaseAtOnce(resource: string, token: string): Promise<void> {
    await Promise.allSettled(this.#servers.map((server) => server.run(RELEASE, resource, token)));
  }

  #runInTurn(script: Script, resource: string, ...args: readonly (string | number)[]): Promise<Round> {
    return askInTurn(this.#servers, async (server) => (await server.run(script, resource, ...args)) === 1);
  }
}

/** Asks one master after the other, and counts what they say. */
async function askInTurn(
  servers: readonly Caller[],
  ask: (server: Caller) => Promise<boolean>,
  isOver = (): boolean => false,
): Promise<Round> {
  let granted = 0;
  let refused = 0;
  let failed = 0;
  let cause = new Error('nobody waited for the answers');
  for (const server of servers) {
    if (isOver()) break;
    try {
      if (await ask(server)) granted++;
      else refused++;
    } catch (error) {
      failed++;
      cause = toError(error);
    }
  }
  return { masters: servers.length, granted, refused, failed, cause };
}
