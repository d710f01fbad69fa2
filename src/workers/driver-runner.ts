/**
 * Runs shards in driver processes, one process each: locks in other languages.
 *
 * @module
 */
import type { Shard } from '../load/shard.js';
import type { DriverLock } from '../locks/driver-lock.js';
import { toError } from '../model/errors.js';
import type { Ns } from '../model/time.js';
import type { HoldChecker } from './driver-checker.js';
import type { DriverHello } from './driver-messages.js';
import { DriverRun, type DriverContext } from './driver-run.js';
import { DRIVER_LIMITS, type DriverLimits } from './driver-watch.js';
import type { Progress, ShardRunner } from './protocol.js';

/** Makes a runner for the lock. `checker` compares the holds of all its drivers, which get the environment. */
export function createDriverRunner(
  lock: DriverLock,
  checker: HoldChecker,
  environment: NodeJS.ProcessEnv,
  limits: DriverLimits = DRIVER_LIMITS,
): ShardRunner {
  return new ProcessRunner({ lock, checker, environment, limits });
}

class ProcessRunner implements ShardRunner {
  hello: DriverHello | undefined;
  readonly #context: DriverContext;
  readonly #live = new Map<DriverRun, Promise<unknown>>();
  /** A runner that is ended in the middle leaves no driver behind. */
  readonly #onExit = (): void => {
    for (const run of this.#live.keys()) run.kill();
  };

  constructor(context: Omit<DriverContext, 'greeted'>) {
    const greeted = (hello: DriverHello): void => {
      this.hello ??= hello;
    };
    this.#context = { ...context, greeted };
    process.on('exit', this.#onExit);
  }

  async *run(shard: Shard, barrier: Promise<Ns>, stop: AbortSignal, kill: AbortSignal): AsyncGenerator<Progress> {
    const outbox = new Outbox();
    const run = new DriverRun(shard, this.#context, outbox.push.bind(outbox));
    const askToStop = run.stop.bind(run);
    stop.addEventListener('abort', askToStop, { once: true });
    if (stop.aborted) askToStop();
    kill.addEventListener('abort', run.kill.bind(run), { once: true });
    const ended = run.converse(barrier).then(() => undefined, toError);
    this.#live.set(run, ended);
    void ended.then((error) => {
      this.#live.delete(run);
      stop.removeEventListener('abort', askToStop);
      outbox.end(error);
    });
    yield* outbox.messages();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#onExit();
    await Promise.all(this.#live.values());
    process.off('exit', this.#onExit);
  }
}

/** What a driver's run has told and nobody has taken yet, in order. */
class Outbox {
  readonly #waiting: Progress[] = [];
  #wake: () => void = () => undefined;
  #end: { readonly error: Error | undefined } | undefined;

  push(progress: Progress): void {
    this.#waiting.push(progress);
    this.#wake();
  }

  end(error: Error | undefined): void {
    this.#end = { error };
    this.#wake();
  }

  async *messages(): AsyncGenerator<Progress> {
    for (;;) {
      const progress = this.#waiting.shift();
      if (progress !== undefined) yield progress;
      else if (this.#end === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else if (this.#end.error === undefined) return;
      else throw this.#end.error;
    }
  }
}
