/**
 * A contender: one client process of a fault experiment, seen from the experiment.
 *
 * @module
 */
import type { Operation } from '../model/operation.js';
import type { Ns } from '../model/time.js';
import type {
  AcquireOrder,
  AcquireReport,
  ContenderOptions,
  ContenderOrder,
  ExtendReport,
  LoopPlan,
  LoopReport,
  OperationNote,
  ReleaseReport,
  TouchStatus,
} from './contender-protocol.js';
import { OrderedProcess } from './ordered-process.js';

/** How long the lock client of a contender may take to close. */
const CLOSE_LIMIT_MS = 3_000;
/** A lock may be waited for. */
const AS_LONG_AS_IT_LIVES = Infinity;

/**
 * A process with one lock client of its own, because it is stopped, killed and has its clocks tampered with.
 *
 * Every order is answered, or rejected with an EnvironmentError when the contender refuses it, dies, or takes longer
 * than 15 s; only `acquire` and `loop` may take as long as the contender lives. Orders do not wait for one another.
 * Disposing closes the lock client and ends the process; a stopped one is killed.
 */
export class Contender implements AsyncDisposable {
  readonly name: string;
  readonly #process: OrderedProcess;
  readonly #told: Map<number, Operation>;
  #isStopped = false;

  private constructor(name: string, process: OrderedProcess, told: Map<number, Operation>) {
    this.name = name;
    this.#process = process;
    this.#told = told;
  }

  /**
   * Starts the process and opens its lock client.
   *
   * @throws EnvironmentError when the process does not start, or a master or the guarded resource cannot be reached
   */
  static async start(options: ContenderOptions, environment: NodeJS.ProcessEnv): Promise<Contender> {
    const told = new Map<number, Operation>();
    const child = await OrderedProcess.start({
      entry: 'contender-process',
      name: `contender ${options.name}`,
      environment,
      onNote: (note) => {
        const { number, operation } = note as OperationNote;
        told.set(number, operation);
      },
    });
    const contender = new Contender(options.name, child, told);
    try {
      await contender.#order({ kind: 'open', options });
      return contender;
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** How it ended, in words. Never rejects. */
  get exited(): Promise<string> {
    return this.#process.exited;
  }

  /**
   * Acquires a lock and, when it was granted, enters the witness. A lock whose promise has ended already is entered all
   * the same: the checker judges.
   */
  async acquire(request: AcquireOrder): Promise<AcquireReport> {
    return (await this.#order({ kind: 'acquire', ...request }, AS_LONG_AS_IT_LIVES)) as AcquireReport;
  }

  /** The first half of a read-modify-write on the guarded resource; `refused` by the fenced object alone. */
  async read(hold: number): Promise<TouchStatus> {
    return (await this.#order({ kind: 'read', hold })) as TouchStatus;
  }

  /** The second half: what was read and an update of its own. */
  async write(hold: number): Promise<TouchStatus> {
    return (await this.#order({ kind: 'write', hold })) as TouchStatus;
  }

  async extend(hold: number, ttlMs: number): Promise<ExtendReport> {
    return (await this.#order({ kind: 'extend', hold, ttlMs })) as ExtendReport;
  }

  /** Leaves the witness, then releases. */
  async release(hold: number): Promise<ReleaseReport> {
    return (await this.#order({ kind: 'release', hold })) as ReleaseReport;
  }

  /** Leaves the witness and never releases. */
  async abandon(hold: number): Promise<void> {
    await this.#order({ kind: 'abandon', hold });
  }

  /** Resolves when the contender has acknowledged; it blocks its event loop right afterwards. */
  async block(forMs: number): Promise<void> {
    await this.#order({ kind: 'block', forMs });
  }

  /** Shifts its `Date` against the true time; 0 heals. Its monotonic clock is left alone. Says how far the `Date` jumped, in ms. */
  async setWallClock(byMs: number): Promise<number> {
    return (await this.#order({ kind: 'set-wall-clock', byMs })) as number;
  }

  /** Contends for some keys with several client slots. */
  async loop(plan: LoopPlan): Promise<LoopReport> {
    return (await this.#order({ kind: 'loop', ...plan }, AS_LONG_AS_IT_LIVES)) as LoopReport;
  }

  /**
   * All its operations so far, those under way as far as they got. Of a dead one those that it had told; a hold that was
   * under way ends at the last instant at which the contender surely lived.
   */
  async operations(): Promise<readonly Operation[]> {
    if (!this.#process.isGone) return (await this.#order({ kind: 'operations' })) as readonly Operation[];
    await this.#process.exited;
    const endNs = this.#process.lastAliveNs;
    return [...this.#told.values()].map((operation) => endAt(operation, endNs));
  }

  /** SIGSTOP. */
  stop(): void {
    this.#isStopped = true;
    this.#process.signal('SIGSTOP');
  }

  /** SIGCONT. */
  cont(): void {
    this.#isStopped = false;
    this.#process.signal('SIGCONT');
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isStopped) await this.kill();
    else if (!this.#process.isGone) {
      // A client that does not close, or whose event loop is blocked, is ended with its process.
      await this.#order({ kind: 'close' }, CLOSE_LIMIT_MS).catch(() => this.kill());
    }
    await this.#process[Symbol.asyncDispose]();
  }

  #order(order: ContenderOrder, limitMs?: number): Promise<unknown> {
    return this.#process.order(order, limitMs);
  }
}

function endAt(operation: Operation, endNs: Ns): Operation {
  const { status, releaseInvokedNs, leftNs } = operation;
  if (status !== 'acquired' || leftNs !== undefined) return operation;
  const untilNs = releaseInvokedNs ?? endNs;
  return { ...operation, releaseInvokedNs: untilNs, leftNs: untilNs };
}
