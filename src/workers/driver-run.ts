/**
 * The conversation with one driver process, from its hello to its last report.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { longestDrainMs } from '../load/driver.js';
import { measuredWindow, type Shard } from '../load/shard.js';
import type { DriverLock } from '../locks/driver-lock.js';
import { toError } from '../model/errors.js';
import { formatDurationMs, nsToMs, systemClock, type Ns } from '../model/time.js';
import type { HoldChecker } from './driver-checker.js';
import { FrameReader } from './driver-frames.js';
import { DriverLoad } from './driver-load.js';
import { configure, findUnsupported, PROTOCOL_VERSION, readHello, start, type DriverHello } from './driver-messages.js';
import { DriverProcess, type DriverExit } from './driver-process.js';
import { FloodGauge, DriverSilence, type DriverLimits } from './driver-watch.js';
import { DriverWords } from './driver-words.js';
import type { Progress } from './protocol.js';

/** What all drivers of a run have in common. */
export interface DriverContext {
  readonly lock: DriverLock;
  readonly checker: HoldChecker;
  /** What the drivers inherit. */
  readonly environment: NodeJS.ProcessEnv;
  readonly limits: DriverLimits;
  readonly greeted: (hello: DriverHello) => void;
}

/**
 * What is already in the pipe when a deadline passes may take this long to be read: a runner that was itself suspended
 * finds its timers due before it has read anything.
 */
const LAST_TURN_MS = 1_000;

type Message = Readonly<Record<string, unknown>>;

/**
 * Speaks with one driver. Whatever the driver does wrong ends the conversation with one sentence; what it had reported
 * until then has been told by that time, and the process is gone.
 */
export class DriverRun {
  readonly #shard: Shard;
  readonly #context: DriverContext;
  readonly #tell: (progress: Progress) => void;
  readonly #words: DriverWords;
  readonly #process: DriverProcess;
  /** Rejects with the first thing that went wrong. */
  readonly #failed: Promise<never>;
  readonly #stopped: Promise<undefined>;
  #fail: (problem: string) => void = () => undefined;
  #resolveStopped: (nothing: undefined) => void = () => undefined;
  #answer: ((message: Message) => void) | undefined;
  #load: DriverLoad | undefined;
  #silence: DriverSilence | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #isReady = false;
  /** It finished, or was given up: what it still says is not heard. */
  #isOver = false;

  /** Starts the process. `tell` hears everything that a worker tells. */
  constructor(shard: Shard, context: DriverContext, tell: (progress: Progress) => void) {
    this.#shard = shard;
    this.#context = context;
    this.#tell = tell;
    this.#words = new DriverWords(shard.masters.flatMap(({ password }) => password ?? []));
    this.#failed = new Promise((_, reject) => {
      this.#fail = (problem) => {
        this.#isOver = true;
        reject(new Error(problem));
      };
    });
    this.#failed.catch(() => undefined);
    this.#stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
    this.#process = this.#startProcess();
  }

  /**
   * The whole conversation. Ends without a result when the run was stopped before the barrier.
   *
   * @throws Error with one sentence about what the driver did wrong
   */
  async converse(barrier: Promise<Ns>): Promise<void> {
    const { checker, limits } = this.#context;
    try {
      const load = await this.#getReady(barrier);
      if (load === undefined) {
        this.#isOver = true;
        // The others must not wait for its holds while it ends.
        checker.end(this.#shard.worker);
        this.#process.send({ kind: 'stop' });
      } else this.#finish(load, await this.#hearLast());
      await this.#process.dismiss(limits.graceMs);
    } catch (thrown) {
      checker.end(this.#shard.worker);
      this.#load?.giveUp();
      await this.#process.stop(limits.graceMs);
      throw thrown;
    } finally {
      this.#silence?.end();
      clearTimeout(this.#deadline);
      checker.end(this.#shard.worker);
    }
  }

  /** Ends the load now: the driver drains and reports. */
  stop(): void {
    this.#resolveStopped(undefined);
    if (this.#load === undefined || this.#isOver) return;
    const nowNs = systemClock.nowNs();
    this.#load.stop(nowNs);
    this.#process.send({ kind: 'stop' });
    this.#finishAfter(nowNs);
  }

  /** Ends the process at once, when nobody waits for it any more. */
  kill(): void {
    this.#process.kill();
  }

  #startProcess(): DriverProcess {
    const { lock, limits, environment } = this.#context;
    const flood = new FloodGauge(limits.bytesPerSecond, systemClock);
    const reader = new FrameReader({
      redact: this.#words.redact.bind(this.#words),
      control: (message) => {
        this.#hear(message);
      },
      operations: (batch) => {
        if (this.#isOver) return;
        if (this.#load === undefined) throw new Error('lied: it reported operations before the start');
        this.#silence?.heard();
        this.#load.absorb(batch);
      },
    });
    const driver = new DriverProcess(lock.command, environment, {
      wrote: (chunk) => {
        this.#guard(() => {
          flood.measure(chunk.length);
          reader.push(chunk);
        });
      },
      complained: (bytes) => {
        this.#guard(() => {
          flood.measure(bytes);
        });
      },
    });
    void driver.exited.then((exit) => {
      if (!this.#isOver) this.#fail(this.#describeDeath(exit));
    });
    return driver;
  }

  /** From the hello to the barrier. Undefined when the run is stopped before. */
  async #getReady(barrier: Promise<Ns>): Promise<DriverLoad | undefined> {
    const { limits, lock, checker, greeted } = this.#context;
    const shard = this.#shard;
    const refuse = (problem: string): never => {
      throw new Error(`--lock ${lock.name}: ${this.#words.show(problem)}`);
    };
    this.#process.send({ kind: 'hello', protocol: PROTOCOL_VERSION });
    const greeting = await this.#hearWithin('a hello', limits.answerMs);
    if (greeting === undefined) return undefined;
    const hello = readHello(greeting);
    if ('problem' in hello) return refuse(hello.problem);
    const unsupported = findUnsupported(hello, shard.masters.length, shard.scenario);
    if (unsupported.length > 0) return refuse(unsupported.join('; '));
    greeted(hello);
    this.#process.send(configure(shard));
    const ready = await this.#hearWithin('ready', limits.answerMs);
    if (ready === undefined) return undefined;
    if (ready['kind'] !== 'ready') return refuse(`expected ready after configure, got ${String(ready['kind'])}`);
    this.#isReady = true;
    this.#tell({ kind: 'ready' });
    const barrierNs = await Promise.race([barrier, this.#stopped, this.#failed]);
    if (barrierNs === undefined) return undefined;

    const window = measuredWindow(shard.scenario, barrierNs);
    const parallelism = Math.min(hello.parallelism, availableParallelism());
    this.#load = new DriverLoad(shard, barrierNs, parallelism, checker, this.#tell);
    this.#silence = new DriverSilence(limits.silenceMs, () => {
      this.#fail(
        `the driver stalled: it reported nothing for ${formatDurationMs(limits.silenceMs)}; it was stopped${this.#quote()}`,
      );
    });
    this.#process.send(start(barrierNs, window));
    this.#finishAfter(window.endNs);
    return this.#load;
  }

  /** The first exception that the lock threw, if any. */
  async #hearLast(): Promise<string | undefined> {
    const last = await Promise.race([this.#next(), this.#failed]);
    const { kind, error } = last;
    if (kind !== 'finished') {
      const got = this.#words.show(String(kind));
      throw new Error(`the driver sent garbage: expected finished, got ${got}; it was stopped`);
    }
    return typeof error === 'string' && error !== '' ? this.#words.show(error) : undefined;
  }

  #finish(load: DriverLoad, error: string | undefined): void {
    try {
      load.finish(error);
    } catch (thrown) {
      throw new Error(`the driver ${toError(thrown).message}; it was stopped`, { cause: thrown });
    }
  }

  /** The next message before the load. Undefined when the run is stopped. */
  async #hearWithin(expected: string, ms: number): Promise<Message | undefined> {
    const { name } = this.#context.lock;
    this.#failAfter(
      ms,
      () => `--lock ${name}: expected ${expected} within ${formatDurationMs(ms)}, got none${this.#quote()}`,
    );
    const heard = await Promise.race([this.#next(), this.#stopped, this.#failed]);
    clearTimeout(this.#deadline);
    return heard;
  }

  #next(): Promise<Message> {
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  #hear(message: Message): void {
    if (this.#isOver) return;
    const answer = this.#answer;
    if (answer === undefined) throw new Error(`sent garbage: expected no message now, got ${String(message['kind'])}`);
    this.#answer = undefined;
    if (message['kind'] === 'finished') this.#isOver = true;
    answer(message);
  }

  /** A driver may take as long as a worker to drain, and some time to report. */
  #finishAfter(endNs: Ns): void {
    const { scenario } = this.#shard;
    const lateMs = longestDrainMs(scenario) + scenario.nodeTimeoutMs + this.#context.limits.overtimeMs;
    this.#failAfter(
      nsToMs(endNs - systemClock.nowNs()) + lateMs,
      () => `the driver stalled: it did not finish within ${formatDurationMs(lateMs)} after the end; it was stopped`,
    );
  }

  #failAfter(ms: number, describe: () => string): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#deadline = setTimeout(() => {
        this.#fail(describe());
      }, LAST_TURN_MS);
    }, ms);
  }

  /** Runs a handler of what the driver sent. What it throws says, after "the driver", what was wrong with that. */
  #guard(handle: () => void): void {
    if (this.#isOver) return;
    try {
      handle();
    } catch (thrown) {
      this.#fail(`the driver ${this.#words.show(toError(thrown).message)}; it was stopped`);
    }
  }

  #describeDeath({ code, signal, startError }: DriverExit): string {
    const { name, command, remedy } = this.#context.lock;
    if (startError !== undefined) {
      return `--lock ${name}: expected a command that can be started, got ${startError.message}; ${remedy}`;
    }
    const how = signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
    if (this.#load !== undefined) return `the driver died before it finished: ${how}${this.#quote()}`;
    if (this.#isReady) return `the driver died before the start: ${how}${this.#quote()}`;
    return `--lock ${name}: expected ${String(command[0])} to get ready, got ${how}${this.#quote()}; ${remedy}`;
  }

  #quote(): string {
    const said = this.#words.showLast(this.#process.lastWords);
    return said === '' ? '' : `; it said: ${said}`;
  }
}
