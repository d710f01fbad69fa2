/**
 * The process of a contender: one lock client that does what the experiment orders.
 *
 * @module
 */
import { FLUSH_MS, HistoryWriter } from '../load/history-writer.js';
import { keyCount } from '../load/workload.js';
import type { LockClient, LockObserver } from '../locks/lock-client.js';
import { connectRedis } from '../locks/redis-connection.js';
import { findAdapter } from '../locks/registry.js';
import { seededRandom, type Random } from '../model/random.js';
import { SteppedDate } from '../model/stepped-date.js';
import { systemClock } from '../model/time.js';
import { Contending } from './contending.js';
import { contend } from './contention-loop.js';
import type { AcquireOrder, AcquireReport, ContenderOptions, ContenderOrder } from './contender-protocol.js';
import { OperationLog } from './operation-log.js';
import { serveOrders, type Answer, type Notify } from './order-service.js';
import { ResourceConnection } from './resource-connection.js';

/** The inside of a lock is no business of an experiment: the history is. */
const NOBODY_LISTENS: LockObserver = {
  roundTrip: () => undefined,
  timedOut: () => undefined,
  failed: () => undefined,
  splitVote: () => undefined,
  votes: () => undefined,
  wokeUp: () => undefined,
};

interface Opened {
  readonly client: LockClient;
  readonly resource: ResourceConnection;
  readonly contending: Contending;
  readonly log: OperationLog;
  readonly random: Random;
}

class ContenderProcess {
  readonly #wallClock = new SteppedDate(globalThis);
  readonly #end = new AbortController();
  #opened: Opened | undefined;

  /** Not by AbortSignal.any and AbortSignal.timeout: what nobody but a listener holds may be collected before its time. */
  async #acquire(contending: Contending, order: AcquireOrder): Promise<AcquireReport> {
    const giveUp = new AbortController();
    const abort = (): void => {
      giveUp.abort();
    };
    const timer = order.abortAfterMs === undefined ? undefined : setTimeout(abort, order.abortAfterMs);
    this.#end.signal.addEventListener('abort', abort, { once: true });
    try {
      return await contending.acquire(order, giveUp.signal);
    } finally {
      clearTimeout(timer);
      this.#end.signal.removeEventListener('abort', abort);
    }
  }

  async obey(order: ContenderOrder, notify: Notify): Promise<Answer> {
    if (order.kind === 'open') {
      this.#opened = await open(order.options, notify);
      return {};
    }
    const opened = this.#opened;
    if (opened === undefined) throw new Error('no lock client, which must be opened first');
    const { contending, log, random } = opened;
    switch (order.kind) {
      case 'acquire':
        return { value: await this.#acquire(contending, order) };
      case 'read':
        return { value: await contending.read(order.hold) };
      case 'write':
        return { value: await contending.write(order.hold) };
      case 'extend':
        return { value: await contending.extend(order.hold, order.ttlMs) };
      case 'release':
        return { value: await contending.release(order.hold) };
      case 'abandon':
        await contending.abandon(order.hold);
        return {};
      case 'block':
        // What was asked before is sent in this turn of the event loop; what is answered to it is read in the next.
        return { afterwards: () => setImmediate(block, order.forMs) };
      case 'set-wall-clock':
        return { value: this.#step(contending, order.byMs) };
      case 'loop':
        return { value: await contend(contending, order, systemClock, random) };
      case 'operations':
        return { value: log.all() };
      case 'close':
        this.#end.abort();
        await opened.client[Symbol.asyncDispose]();
        opened.resource.close();
        log.close();
        return {};
    }
  }

  /** How far its `Date` jumped, in milliseconds. */
  #step(contending: Contending, byMs: number): number {
    const jumpedMs = this.#wallClock.step(byMs);
    contending.wallClockStepped();
    return jumpedMs;
  }

  /** Whoever ordered is gone, or wants no more. */
  end(): void {
    this.#opened?.log.flush();
    process.exit(0);
  }
}

async function open(options: ContenderOptions, notify: Notify): Promise<Opened> {
  const { name, index, lock, masters, scenario, seed } = options;
  const adapter = await findAdapter(lock);
  const random = seededRandom(seed, index);
  const resource = await ResourceConnection.open(options.resource);
  const client = await adapter.open({
    masters,
    scenario,
    clock: systemClock,
    random,
    observer: NOBODY_LISTENS,
    connect: (master) => connectRedis(master, { nodeTimeoutMs: scenario.nodeTimeoutMs, random }),
  });
  const log = new OperationLog(index, systemClock, notify, startHistory(options));
  setInterval(() => {
    log.flush();
  }, FLUSH_MS).unref();
  const contending = new Contending({ name, client, resource, log, clock: systemClock });
  return { client, resource, contending, log, random };
}

function startHistory({ historyFile, scenario, index }: ContenderOptions): HistoryWriter | undefined {
  if (historyFile === undefined) return undefined;
  const { name: runId, ttlMs } = scenario;
  return new HistoryWriter(historyFile, {
    runId,
    worker: index,
    keys: keyCount(scenario),
    epochNs: systemClock.nowNs(),
    ttlMs,
  });
}

/** Stops this thread as a long computation or a collection of garbage would. */
function block(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, forMs);
}

const contender = new ContenderProcess();
const notify: Notify = serveOrders(
  (order) => contender.obey(order as ContenderOrder, notify),
  () => {
    contender.end();
  },
);
