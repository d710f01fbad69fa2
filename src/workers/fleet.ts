/**
 * All workers of a run: brought to one barrier, heard until the last has ended, whatever becomes of any of them.
 *
 * @module
 */
import type { Shard } from '../load/shard.js';
import { EnvironmentError, toError } from '../model/errors.js';
import type { Ns } from '../model/time.js';
import type { IntervalRecord, ShardResult, ShardRunner } from './protocol.js';

/** Hears what the workers tell while they run. */
export interface FleetListener {
  recorded(shard: Shard, record: IntervalRecord): void;
  /** A worker will tell no more; `error` says why when it died. */
  ended(shard: Shard, error: Error | undefined): void;
  /** A worker is dead because `kill` was asked to kill it, and will tell no more. */
  killed(shard: Shard): void;
}

/** The workers of one run. */
export class Fleet {
  readonly #listener: FleetListener;
  readonly #results: ShardResult[] = [];
  readonly #barrier: Promise<Ns>;
  readonly #ready: Promise<unknown>;
  readonly #ended: Promise<unknown>;
  readonly #killers = new Map<number, AbortController>();
  #passBarrier: (barrierNs: Ns) => void = () => undefined;

  /** Starts a worker for each shard; each connects and then waits for the barrier. */
  constructor(runner: ShardRunner, shards: readonly Shard[], listener: FleetListener, signal: AbortSignal) {
    this.#listener = listener;
    this.#barrier = new Promise((resolve) => {
      this.#passBarrier = resolve;
    });
    const members = shards.map((shard) => this.#follow(runner, shard, signal));
    this.#ready = Promise.all(members.map((member) => member.ready));
    this.#ended = Promise.all(members.map((member) => member.ended));
  }

  /**
   * Waits until every worker is connected.
   *
   * @throws EnvironmentError when one cannot be: a run with fewer workers than asked for would be another run
   */
  async ready(): Promise<void> {
    await this.#ready;
  }

  /** Lets all workers begin at the same instant. */
  start(barrierNs: Ns): void {
    this.#passBarrier(barrierNs);
  }

  /** Kills a worker, as a crash would: it says nothing and releases nothing any more. */
  kill(worker: number): void {
    this.#killers.get(worker)?.abort();
  }

  /** Waits until every worker has ended, and gives the results of those that lived to tell. */
  async results(): Promise<readonly ShardResult[]> {
    await this.#ended;
    return this.#results;
  }

  #follow(runner: ShardRunner, shard: Shard, signal: AbortSignal): { ready: Promise<void>; ended: Promise<void> } {
    let becomeReady: () => void = () => undefined;
    let fail: (error: Error) => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      becomeReady = resolve;
      fail = reject;
    });
    // Whoever awaits `ready` hears of the failure; a run that was stopped before does not await it.
    ready.catch(() => undefined);
    const killer = new AbortController();
    this.#killers.set(shard.worker, killer);
    const ended = this.#listen(runner, shard, { stop: signal, kill: killer.signal }, becomeReady).then((error) => {
      const cause = error ?? new Error('it was stopped before it was ready');
      fail(new EnvironmentError(`worker ${String(shard.worker)}: ${cause.message}`, { cause }));
      if (error !== undefined && killer.signal.aborted) this.#listener.killed(shard);
      else this.#listener.ended(shard, error);
    });
    return { ready, ended };
  }

  /** A worker that had given its result did not die of what came later; the result says what that was. */
  #troubleAfterResult(shard: Shard, error: Error): Error | undefined {
    const index = this.#results.findIndex((result) => result.worker === shard.worker);
    const result = this.#results[index];
    if (result === undefined) return error;
    this.#results[index] = { ...result, adapterError: result.adapterError ?? error.message };
    return undefined;
  }

  /** Follows one worker to its end. Tells why it died, if it did. */
  async #listen(
    runner: ShardRunner,
    shard: Shard,
    signals: { readonly stop: AbortSignal; readonly kill: AbortSignal },
    becomeReady: () => void,
  ): Promise<Error | undefined> {
    try {
      for await (const progress of runner.run(shard, this.#barrier, signals.stop, signals.kill)) {
        if (progress.kind === 'ready') becomeReady();
        else {
          this.#listener.recorded(shard, progress);
          if (progress.kind === 'finished') this.#results.push(progress);
        }
      }
      return undefined;
    } catch (thrown) {
      return this.#troubleAfterResult(shard, toError(thrown));
    }
  }
}
