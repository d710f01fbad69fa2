/**
 * In the client process: a closed loop of acquire and release on unique keys.
 *
 * @module
 */
import { setImmediate as yieldToIo, setTimeout as sleep } from 'node:timers/promises';
import { freshSeed, seededRandom, type Random } from '../../src/model/random.js';
import { msToNs, systemClock, usToNs, type Ns } from '../../src/model/time.js';
import { keyPrefix, type PairsReport, type PairsTask } from './client-task.js';
import type { OpenClient } from './contender.js';
import { contenderNamed } from './contenders.js';
import { quantileOf } from './statistics.js';

/** Connects and warms up; the returned function measures. */
export async function preparePairs(task: PairsTask): Promise<() => Promise<PairsReport>> {
  const client = await contenderNamed(task.contender).open(task.urls);
  const loop = new PairLoop(client, task, seededRandom(freshSeed()));
  await loop.run(task.warmupMs);
  const warmup = loop.takeCounts();
  return async () => {
    const startNs = systemClock.nowNs();
    const cpuAtStart = process.cpuUsage();
    await loop.run(task.measureMs);
    const { user, system } = process.cpuUsage(cpuAtStart);
    const wallNs = systemClock.nowNs() - startNs;
    const { acquireNs, failures } = loop.takeCounts();
    await client.close();
    const sorted = Float64Array.from(acquireNs).sort();
    return {
      pairs: sorted.length,
      failures,
      granted: warmup.acquireNs.length + sorted.length,
      wallNs,
      cpuNs: usToNs(user + system),
      acquireP50Ns: quantileOf(sorted, 0.5),
      acquireP99Ns: quantileOf(sorted, 0.99),
    };
  };
}

class PairLoop {
  readonly #client: OpenClient;
  readonly #task: PairsTask;
  readonly #random: Random;
  readonly #prefix = keyPrefix(process.pid);
  #nextKey = 0;
  #acquireNs: Ns[] = [];
  #failures = 0;

  constructor(client: OpenClient, task: PairsTask, random: Random) {
    this.#client = client;
    this.#task = task;
    this.#random = random;
  }

  /** Runs all slots until the time is over and their last pairs are finished. */
  async run(forMs: number): Promise<void> {
    const endNs = systemClock.nowNs() + msToNs(forMs);
    await Promise.all(Array.from({ length: this.#task.inFlight }, () => this.#runSlot(endNs)));
  }

  takeCounts(): { readonly acquireNs: readonly Ns[]; readonly failures: number } {
    const counts = { acquireNs: this.#acquireNs, failures: this.#failures };
    this.#acquireNs = [];
    this.#failures = 0;
    return counts;
  }

  async #runSlot(endNs: Ns): Promise<void> {
    const { ttlMs, pauseMs } = this.#task;
    while (systemClock.nowNs() < endNs) {
      // A pause of random length keeps the slots from marching in step.
      if (pauseMs > 0) await sleep(pauseMs * (0.5 + this.#random.next()));
      try {
        const startNs = systemClock.nowNs();
        const held = await this.#client.acquire(`${this.#prefix}${String(this.#nextKey++)}`, ttlMs);
        if (held === undefined) throw new Error('given up');
        this.#acquireNs.push(systemClock.nowNs() - startNs);
        await this.#client.release(held);
      } catch {
        this.#failures++;
        // A client that fails at once would otherwise never let its sockets be read.
        await yieldToIo();
      }
    }
  }
}
