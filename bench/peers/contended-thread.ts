/**
 * One worker thread: some contenders, each with a client of its own, for one key.
 *
 * @module
 */
import { once } from 'node:events';
import { setImmediate as yieldToIo, setTimeout as sleep } from 'node:timers/promises';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { systemClock } from '../../src/model/time.js';
import type { ContenderTally } from './client-task.js';
import type { OpenClient } from './contender.js';
import { contenderNamed } from './contenders.js';
import { HOLDERS, OVERLAPS, type ThreadReport, type ThreadTask } from './thread-task.js';
import { WaitRecord } from './wait-record.js';

const { task, key, witness } = workerData as ThreadTask;

class ContenderLoop {
  readonly #client: OpenClient;
  readonly #waits = new WaitRecord();
  #failures = 0;
  #isOver = false;

  constructor(client: OpenClient) {
    this.#client = client;
  }

  /** Scripts and code paths are warm after one pair on a key that nobody else wants. */
  async warmUp(name: string): Promise<void> {
    const held = await this.#client.acquire(`${key}-${name}`, task.ttlMs);
    if (held !== undefined) await this.#client.release(held);
  }

  /** Wants the lock, holds it, gives it back, and wants it again at once. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      this.#waits.want(systemClock.nowNs());
      try {
        const held = await this.#client.acquire(key, task.ttlMs);
        if (held === undefined) throw new Error('given up');
        this.#waits.grant(systemClock.nowNs());
        if (Atomics.add(witness, HOLDERS, 1) > 0) Atomics.add(witness, OVERLAPS, 1);
        await sleep(task.holdMs);
        Atomics.sub(witness, HOLDERS, 1);
        await this.#client.release(held);
      } catch {
        this.#failures++;
        // A client that fails at once would otherwise never let its sockets be read.
        await yieldToIo();
      }
    }
  }

  /** What it got until now; what comes in later is not looked at. */
  end(): ContenderTally {
    this.#isOver = true;
    this.#waits.end(systemClock.nowNs());
    return { grants: this.#waits.grants, longestWaitNs: this.#waits.longestNs, failures: this.#failures };
  }
}

async function contend(): Promise<void> {
  if (parentPort === null) throw new Error('expected to run in a worker thread');
  const contender = contenderNamed(task.contender);
  const loops = await Promise.all(
    Array.from({ length: task.contendersPerThread }, async () => new ContenderLoop(await contender.open(task.urls))),
  );
  await Promise.all(loops.map((loop, index) => loop.warmUp(`${String(threadId)}-${String(index)}`)));
  const go = once(parentPort, 'message');
  parentPort.postMessage('ready');
  await go;
  const startNs = systemClock.nowNs();
  for (const loop of loops) void loop.run();
  await sleep(task.measureMs);
  const tallies = loops.map((loop) => loop.end());
  const report: ThreadReport = { tallies, wallNs: systemClock.nowNs() - startNs };
  parentPort.postMessage(report);
}

await contend();
