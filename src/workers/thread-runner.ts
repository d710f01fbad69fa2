/**
 * Runs shards in worker threads, one thread each.
 *
 * @module
 */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { longestDrainMs } from '../load/driver.js';
import { measuredWindow, type Shard } from '../load/shard.js';
import { toError } from '../model/errors.js';
import { nsToMs, systemClock, type Ns } from '../model/time.js';
import type { Order, Progress, ShardRunner, ShardTask } from './protocol.js';
import { isFaultWord, WorkerFaults, type FaultWord } from './worker-faults.js';

/** How long a worker may take to close its connections and report once it has drained; then it is terminated. */
const OVERTIME_MS = 10_000;
/** A worker that failed may have told something before; its port hands that over, or is closed with the thread. */
const LAST_WORDS_MS = 1_000;

/** Makes a runner with as many threads as there will be shards, so that none waits for another. */
export function createThreadRunner(threads: number): ShardRunner {
  const pool = new Piscina({
    filename: new URL('./shard-worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    // By default an idle thread sleeps in Atomics.wait, which would freeze its open connections.
    atomics: 'disabled',
  });
  const ports = new Map<number, MessagePort>();
  const faults = new WorkerFaults((worker, order) => {
    ports.get(worker)?.postMessage(order satisfies Order);
  });
  return {
    run: (shard, barrier, stop, kill) => runInThread({ pool, ports, faults }, shard, barrier, stop, kill),
    faults,
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}

interface Threads {
  readonly pool: Piscina;
  /** To the workers that run, by their number. */
  readonly ports: Map<number, MessagePort>;
  readonly faults: WorkerFaults;
}

async function* runInThread(
  { pool, ports, faults }: Threads,
  shard: Shard,
  barrier: Promise<Ns>,
  stop: AbortSignal,
  kill: AbortSignal,
): AsyncGenerator<Progress> {
  const { port1: port, port2: workerPort } = new MessageChannel();
  const terminate = new AbortController();
  const task: ShardTask = { shard, port: workerPort };
  const inbox = new Inbox(port, (word) => {
    faults.hear(shard.worker, word);
  });
  ports.set(shard.worker, port);
  const ended = pool
    .run(task, { name: 'runShard', transferList: [workerPort], signal: AbortSignal.any([terminate.signal, kill]) })
    .then(() => undefined, toError);
  void ended.then((error) => {
    inbox.end(error);
  });

  let deadline: NodeJS.Timeout | undefined;
  const overtimeMs = longestDrainMs(shard.scenario) + shard.scenario.nodeTimeoutMs + OVERTIME_MS;
  const endWithin = (ms: number): void => {
    clearTimeout(deadline);
    deadline = setTimeout(() => {
      terminate.abort();
    }, ms);
  };
  const askToStop = (): void => {
    port.postMessage({ kind: 'stop' } satisfies Order);
    endWithin(overtimeMs);
  };
  stop.addEventListener('abort', askToStop, { once: true });
  if (stop.aborted) askToStop();
  void barrier.then((barrierNs) => {
    port.postMessage({ kind: 'start', barrierNs } satisfies Order);
    const leftNs = measuredWindow(shard.scenario, barrierNs).endNs - systemClock.nowNs();
    if (!stop.aborted) endWithin(nsToMs(leftNs) + overtimeMs);
  });

  try {
    yield* inbox.messages();
  } finally {
    clearTimeout(deadline);
    stop.removeEventListener('abort', askToStop);
    ports.delete(shard.worker);
    faults.bury(shard.worker);
    port.close();
  }
}

/** The messages of one worker, in order, until its task ends. */
class Inbox {
  readonly #closed: Promise<unknown>;
  readonly #waiting: Progress[] = [];
  #wake: (() => void) | undefined;
  #end: { error: Error | undefined } | undefined;

  constructor(port: MessagePort, hear: (word: FaultWord) => void) {
    this.#closed = once(port, 'close');
    port.on('message', (message: Progress | FaultWord) => {
      if (isFaultWord(message)) {
        hear(message);
        return;
      }
      this.#waiting.push(message);
      this.#wake?.();
    });
  }

  end(error: Error | undefined): void {
    // The end of the task comes another way than its last message and may overtake it; the port closes after both.
    const lastWords = new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref());
    void Promise.race([this.#closed, lastWords]).then(() => {
      this.#end = { error };
      this.#wake?.();
    });
  }

  async *messages(): AsyncGenerator<Progress> {
    for (;;) {
      const progress = this.#waiting.shift();
      if (progress !== undefined) yield progress;
      else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
