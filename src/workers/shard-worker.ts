/**
 * The entry of a worker thread: connects, reports ready, waits for the barrier, drives its shard.
 *
 * @module
 */
import type { MessagePort } from 'node:worker_threads';
import { drive } from '../load/driver.js';
import { startHistory } from '../load/history-writer.js';
import { burstPacer, constantPacer, poissonPacer, stripedPacer, type Pacer } from '../load/pacer.js';
import { createRecorder, type Recorder } from '../load/recorder.js';
import { SelfWatch } from '../load/self-watch.js';
import { INTERVAL_MS, measuredWindow, splitSlots, type Shard, type Window } from '../load/shard.js';
import type { SpinMeter } from '../load/start-loop.js';
import { Witness } from '../load/witness.js';
import { createWorkload } from '../load/workload.js';
import type { LockClient } from '../locks/lock-client.js';
import { connectRedis } from '../locks/redis-connection.js';
import { findAdapter } from '../locks/registry.js';
import { seededRandom } from '../model/random.js';
import { nsToMs, systemClock, type Ns } from '../model/time.js';
import type { IntervalRecord, Order, Progress, ShardTask } from './protocol.js';
import { SufferedFaults } from './suffered-faults.js';
import type { FaultWord } from './worker-faults.js';

/** Streams of the run's seed: the schedule is common to all workers, the rest is each worker's own. */
const ARRIVAL_STREAM = 0;
const STREAMS_PER_WORKER = 3;

/** Runs one shard to its end. Rejects when the lock cannot be opened; the runner learns of it as a failed task. */
export async function runShard({ shard, port }: ShardTask): Promise<void> {
  const stream = (purpose: number): number => 1 + shard.worker * STREAMS_PER_WORKER + purpose;
  const { seed, ratePerSecond, nodeTimeoutMs } = shard.scenario;
  const recorder = createRecorder(shard.masters.length, shard.slots, ratePerSecond === undefined);
  const adapter = await findAdapter(shard.scenario.lock);
  const random = seededRandom(seed, stream(0));
  const client = await adapter.open({
    masters: shard.masters,
    scenario: shard.scenario,
    clock: systemClock,
    random,
    observer: recorder,
    connect: (master) => connectRedis(master, { nodeTimeoutMs, random }),
  });
  try {
    const workload = createWorkload(shard.scenario, seededRandom(seed, stream(1)));
    await new WorkerRun(shard, port, client, recorder).run(workload, seededRandom(seed, stream(2)));
  } finally {
    try {
      await client[Symbol.asyncDispose]();
    } finally {
      port.close();
    }
  }
}

class WorkerRun {
  readonly #shard: Shard;
  readonly #port: MessagePort;
  readonly #client: LockClient;
  readonly #recorder: Recorder;
  readonly #witness: Witness;
  readonly #watch = new SelfWatch();
  readonly #meter: SpinMeter = { spunNs: 0 };
  readonly #interrupt = new AbortController();
  readonly #faults = new SufferedFaults((word) => {
    this.#send(word);
  });
  #window: Window = { startNs: Infinity, endNs: Infinity };
  #spunInWarmUpNs: Ns = 0;
  #interval = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(shard: Shard, port: MessagePort, client: LockClient, recorder: Recorder) {
    this.#shard = shard;
    this.#port = port;
    this.#client = client;
    this.#recorder = recorder;
    this.#witness = new Witness(shard.witness, systemClock, slotNamer(shard));
  }

  async run(workload: ReturnType<typeof createWorkload>, random: ReturnType<typeof seededRandom>): Promise<void> {
    const barrier = this.#receiveOrders();
    this.#send({ kind: 'ready' });
    const barrierNs = await barrier;
    if (barrierNs === undefined) return;
    const window = measuredWindow(this.#shard.scenario, barrierNs);
    this.#measure(window);
    this.#witness.startAt(barrierNs);
    this.#watchFrom(window);
    const history = startHistory(this.#shard, barrierNs);
    const adapterError = await drive(
      {
        shard: this.#shard,
        window,
        pacer: createPacer(this.#shard, barrierNs, window),
        workload,
        client: this.#client,
        recorder: this.#recorder,
        witness: this.#witness,
        clock: systemClock,
        random,
        meter: this.#meter,
        history,
      },
      barrierNs,
      this.#interrupt.signal,
    );
    clearTimeout(this.#timer);
    history?.end();
    this.#send({
      kind: 'finished',
      worker: this.#shard.worker,
      ...this.#record(),
      self: this.#watch.end(this.#meter.spunNs - this.#spunInWarmUpNs),
      acquiredPerSlot: this.#recorder.acquiredPerSlot(),
      adapterError: adapterError?.message,
      historyProblems: history?.problems ?? [],
    });
  }

  /** Resolves with the barrier, or undefined when the run was stopped before it. */
  #receiveOrders(): Promise<Ns | undefined> {
    return new Promise((resolve) => {
      this.#port.on('message', (order: Order) => {
        if (order.kind === 'start') resolve(order.barrierNs);
        else if (order.kind !== 'stop') this.#faults.obey(order);
        else {
          // What is granted while the stopped run drains is not part of its rate.
          this.#measure({ ...this.#window, endNs: Math.min(this.#window.endNs, systemClock.nowNs()) });
          // The interval under way is the last one, and what drains belongs to it.
          clearTimeout(this.#timer);
          this.#interrupt.abort();
          resolve(undefined);
        }
      });
    });
  }

  /** Begins to watch when the window does, and reports at the end of each of its seconds but the last. */
  #watchFrom(window: Window): void {
    const last = Math.ceil(nsToMs(window.endNs - window.startNs) / INTERVAL_MS) - 1;
    const startMs = nsToMs(window.startNs);
    const tick = (): void => {
      if (this.#interval < last) {
        this.#send({ kind: 'interval', ...this.#record() });
        this.#interval++;
        arm();
      }
    };
    const arm = (): void => {
      const dueMs = startMs + (this.#interval + 1) * INTERVAL_MS;
      this.#timer = setTimeout(tick, dueMs - nsToMs(systemClock.nowNs()));
    };
    const begin = (): void => {
      this.#recorder.forgetWarmUp();
      this.#watch.begin();
      this.#spunInWarmUpNs = this.#meter.spunNs;
      this.#watch.glance(this.#spunInWarmUpNs);
      arm();
    };
    this.#timer = setTimeout(begin, Math.max(0, startMs - nsToMs(systemClock.nowNs())));
  }

  #measure(window: Window): void {
    this.#window = window;
    this.#recorder.openWindow(window);
  }

  #record(): IntervalRecord {
    const leftMs = nsToMs(this.#window.endNs - this.#window.startNs) - this.#interval * INTERVAL_MS;
    const lengthMs = Math.min(INTERVAL_MS, Math.max(0, leftMs));
    const recorded = this.#recorder.snapshot(systemClock.nowNs());
    const witnessed = this.#witness.drain();
    const { grantedExpired } = recorded;
    const { spunNs } = this.#meter;
    const loopShare = this.#watch.glance(spunNs);
    return {
      index: this.#interval,
      lengthMs,
      recorded,
      witnessed: { ...witnessed, witnessed: witnessed.witnessed - grantedExpired },
      grantedExpired,
      loopShare,
    };
  }

  #send(progress: Progress | FaultWord): void {
    this.#port.postMessage(progress);
  }
}

/** The shard's stripe of the schedule; the warm-up follows the same schedule as the window. */
function createPacer(shard: Shard, barrierNs: Ns, window: Window): Pacer | undefined {
  const { ratePerSecond, arrivals, burst, seed, workers } = shard.scenario;
  if (ratePerSecond === undefined) return undefined;
  const span = { startNs: barrierNs, endNs: window.endNs };
  const schedule = burstPacer(burst, ratePerSecond, (burstsPerSecond) =>
    arrivals === 'constant'
      ? constantPacer(span, burstsPerSecond)
      : poissonPacer(span, burstsPerSecond, seededRandom(seed, ARRIVAL_STREAM)),
  );
  return stripedPacer(schedule, shard.worker, workers);
}

/** Names a slot, counted over all workers, as `worker.slot`. */
function slotNamer(shard: Shard): (slot: number) => string {
  const split = splitSlots(shard.scenario);
  return (slot) => {
    const worker = split.findIndex(({ firstSlot, slots }) => slot >= firstSlot && slot < firstSlot + slots);
    return `${String(worker)}.${String(slot - (split[worker]?.firstSlot ?? 0))}`;
  };
}
