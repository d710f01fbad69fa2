/**
 * Redlock with one mistake each: what the detectors of `chaos` must catch, or they are no evidence.
 *
 * All are one implementation, which asks all masters at once and is the textbook's where nothing is mutated: so what is
 * caught is the mistake. They are found by name, are listed nowhere, and run on spawned masters only.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import { MOST_MASTERS } from '../model/scenario.js';
import { msToNs, type Clock } from '../model/time.js';
import { RELEASE } from '../redlock/scripts.js';
import { judgeChange, type Votes } from '../redlock/tally.js';
import { TokenPool } from '../redlock/token.js';
import { driftAllowanceMs } from '../redlock/validity.js';
import { compareAndDelete } from './compare-and-delete.js';
import type { HeldLock, LockAdapter, LockContext, ReleaseOutcome } from './lock-client.js';
import { openServers } from './open-servers.js';
import { PollingClient, resourceOf, uniformWait, type Attempt, type Steps } from './polling-client.js';
import type { Caller, ServerConnection } from './server-connection.js';
import { wholeMs } from './whole-ttl.js';

export const MUTANT_PREFIX = 'mutant:';

/** What a mutant does otherwise; what is left out it does as the textbook. */
interface Mutation {
  readonly name: string;
  readonly mistake: string;
  /** SET without NX. */
  readonly setsAlways?: true;
  /** DEL without a look at the token. */
  readonly deletesBlindly?: true;
  /** Grants whatever time has passed. */
  readonly ignoresElapsed?: true;
  /** Votes that are enough. */
  readonly quorumOf?: (masters: number) => number;
  /** How long the key lives, of the ttl that is promised. */
  readonly keyShare?: number;
  /** Promises the whole ttl. */
  readonly allowsNoDrift?: true;
  /** Its fence is the highest of a quorum's own counters, which are never told of it. */
  readonly fencesByCounters?: true;
}

const CONTROL = 'none';

const MUTATIONS: readonly Mutation[] = [
  // The control: what catches it is wrong itself.
  { name: CONTROL, mistake: 'none' },
  { name: 'no-nx', mistake: 'it sets the key whether it is there or not', setsAlways: true },
  { name: 'plain-del', mistake: 'it deletes the key whoever set it', deletesBlindly: true },
  { name: 'unchecked', mistake: 'it does not look whether the ttl has passed', ignoresElapsed: true },
  { name: 'half-quorum', mistake: 'half of the masters are enough for it', quorumOf: (n) => Math.floor(n / 2) },
  { name: 'short-key', mistake: 'its key lives half as long as it promises', keyShare: 0.5 },
  { name: 'no-drift', mistake: 'it takes nothing off for clocks that differ', allowsNoDrift: true },
  { name: 'max-counter', mistake: 'its fence is the highest counter of a quorum', fencesByCounters: true },
];

/** Every mutant, in the order of the reference's list. */
export const MUTANTS: readonly LockAdapter[] = MUTATIONS.map((mutation) => {
  const name = `${MUTANT_PREFIX}${mutation.name}`;
  const capabilities = {
    maxMasters: MOST_MASTERS,
    canExtend: false,
    canFence: mutation.fencesByCounters === true,
    leavesKeys: true,
  };
  return {
    name,
    description: `Redlock with a mistake: ${mutation.mistake}`,
    capabilities,
    ...(mutation.name === CONTROL ? {} : { flaw: `It is meant to be caught: ${mutation.mistake}.` }),
    async open(context) {
      const { scenario, clock, random } = context;
      const servers = await openServers(context, [RELEASE]);
      return new PollingClient(
        {
          name,
          capabilities,
          acquireTimeoutMs: scenario.acquireTimeoutMs,
          clock,
          drawWaitMs: uniformWait(scenario, random),
        },
        new MutantSteps(mutation, servers, context),
      );
    },
  };
});

interface Ballots extends Votes {
  readonly cause: Error;
}

class MutantSteps implements Steps {
  readonly #mutation: Mutation;
  readonly #servers: readonly ServerConnection[];
  readonly #clock: Clock;
  readonly #tokens = new TokenPool('');

  constructor(mutation: Mutation, servers: readonly ServerConnection[], { clock }: LockContext) {
    this.#mutation = mutation;
    this.#servers = servers;
    this.#clock = clock;
  }

  async attempt(resource: string, ttlMs: number): Promise<Attempt> {
    const { ignoresElapsed, allowsNoDrift, fencesByCounters, keyShare = 1 } = this.#mutation;
    const token = this.#tokens.take();
    const startNs = this.#clock.nowNs();
    const allowanceMs = allowsNoDrift === true ? 0 : driftAllowanceMs(ttlMs, 0.01);
    const validUntilNs = startNs + msToNs(ttlMs - allowanceMs);
    const counters: number[] = [];
    const votes = await this.#ask(async (server) => {
      if (!(await this.#set(server, resource, token, wholeMs(ttlMs * keyShare)))) return false;
      if (fencesByCounters === true) counters.push(Number(await server.call('INCR', `${resource}:counter`)));
      return true;
    });
    const quorum = (this.#mutation.quorumOf ?? quorumOf)(votes.masters);
    if (votes.granted >= quorum && (ignoresElapsed === true || this.#clock.nowNs() < validUntilNs)) {
      const lock: HeldLock = { resources: [resource], token, validUntilNs };
      return { status: 'acquired', lock: counters.length === 0 ? lock : { ...lock, fenceText: fenceOf(counters) } };
    }
    await this.#ask((server) => this.#delete(server, resource, token));
    if (votes.granted >= quorum) return { status: 'expired' };
    if (votes.failed >= votes.masters - quorum + 1) return { status: 'indeterminate', cause: votes.cause };
    return { status: 'held' };
  }

  async release(lock: HeldLock): Promise<ReleaseOutcome> {
    const votes = await this.#ask((server) => this.#delete(server, resourceOf(lock), lock.token));
    const verdict = judgeChange(votes);
    if (verdict === 'granted') return { status: 'released' };
    return verdict === 'refused' ? { status: 'lost' } : { status: 'indeterminate', cause: votes.cause };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  async #set(server: Caller, resource: string, token: string, ttlMs: number): Promise<boolean> {
    const condition = this.#mutation.setsAlways === true ? [] : ['NX'];
    return (await server.call('SET', resource, token, ...condition, 'PX', ttlMs)) === 'OK';
  }

  async #delete(server: Caller, resource: string, token: string): Promise<boolean> {
    if (this.#mutation.deletesBlindly === true) return (await server.call('DEL', resource)) === 1;
    return await compareAndDelete(server, resource, token);
  }

  /** Asks all masters at once, and waits for all. */
  async #ask(command: (server: Caller) => Promise<boolean>): Promise<Ballots> {
    const answers = await Promise.allSettled(this.#servers.map(command));
    const count = (isSo: boolean): number =>
      answers.filter((answer) => answer.status === 'fulfilled' && answer.value === isSo).length;
    const failed = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
    return {
      masters: answers.length,
      granted: count(true),
      refused: count(false),
      failed: failed.length,
      cause: failed[0] ?? new Error('every master answered'),
    };
  }
}

/** As a text that sorts as the number does. */
function fenceOf(counters: readonly number[]): string {
  return String(Math.max(...counters)).padStart(16, '0');
}
