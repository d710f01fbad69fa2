/**
 * A child process that obeys orders: every order is answered, refused in time, or rejected with the child's end.
 *
 * @module
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../model/errors.js';
import { formatDurationMs, systemClock, type Ns } from '../model/time.js';
import { childEntryPath, childEnvironment } from '../servers/child-entry.js';
import type { ChildMessage } from './order-messages.js';

/** How long an order may take that does not wait for a lock. */
const ORDER_LIMIT_MS = 15_000;
/** How long a child may take to end once its channel was closed. */
const END_LIMIT_MS = 3_000;
const LAST_WORDS_MS = 200;
const MOST_COMPLAINT = 2_000;

export type ChildEntry = 'contender-process' | 'resource-process';

interface Pending {
  readonly what: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

export interface ChildOptions {
  readonly entry: ChildEntry;
  /** Who it is, for messages. */
  readonly name: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onNote?: (note: object) => void;
}

/** The experiment's side of a child process. Disposing closes the channel, which ends the child, or kills it after 3 s. */
export class OrderedProcess implements AsyncDisposable {
  readonly pid: number;
  readonly name: string;
  /** How it ended, in words, once all that it had sent was heard. Never rejects. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #orders = 0;
  #end: string | undefined;
  #lastAliveNs: Ns = systemClock.nowNs();

  private constructor(child: ChildProcess, pid: number, name: string, exited: Promise<string>) {
    this.#child = child;
    this.pid = pid;
    this.name = name;
    this.exited = exited.then((end) => {
      this.#end = end;
      for (const { what, reject, timer } of this.#pending.values()) {
        clearTimeout(timer);
        reject(this.#ended(what));
      }
      this.#pending.clear();
      return end;
    });
  }

  /**
   * Starts the compiled entry and waits until it listens.
   *
   * @throws EnvironmentError when it does not start within 15 s
   */
  static async start({ entry, name, environment, onNote }: ChildOptions): Promise<OrderedProcess> {
    const child = fork(childEntryPath(`chaos/${entry}`), [], {
      env: childEnvironment(environment),
      execArgv: [],
      // Keeps Infinity and undefined, which JSON does not.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const exited = watchEnd(child);
    let timer: NodeJS.Timeout | undefined;
    const listening = new Promise<undefined>((resolve) => {
      child.once('message', () => {
        resolve(undefined);
      });
    });
    const tooLong = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, ORDER_LIMIT_MS, `nothing within ${formatDurationMs(ORDER_LIMIT_MS)}`);
    });
    const failure = await Promise.race([listening, exited, tooLong]);
    clearTimeout(timer);
    if (failure !== undefined || child.pid === undefined) {
      child.kill('SIGKILL');
      throw new EnvironmentError(`${name}: expected its process to start, got ${failure ?? 'no process'}`);
    }
    const started = new OrderedProcess(child, child.pid, name, exited);
    child.on('message', (message) => {
      started.#hear(message as ChildMessage, onNote);
    });
    return started;
  }

  /** The last instant at which the child is known to have lived. */
  get lastAliveNs(): Ns {
    return this.#lastAliveNs;
  }

  get isGone(): boolean {
    return this.#end !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /**
   * Gives an order and waits for the answer.
   *
   * @param limitMs how long it may take; Infinity: as long as the child lives
   * @throws EnvironmentError when the child refuses, takes longer, or ends
   */
  order(order: { readonly kind: string }, limitMs = ORDER_LIMIT_MS): Promise<unknown> {
    const what = order.kind;
    if (this.isGone || !this.#child.connected) return Promise.reject(this.#ended(what));
    const id = ++this.#orders;
    return new Promise((resolve, reject) => {
      const tooLong = (): void => {
        this.#pending.delete(id);
        const got = `none within ${formatDurationMs(limitMs)}`;
        reject(new EnvironmentError(`${this.name}: expected an answer to ${what}, got ${got}; is it stopped?`));
      };
      const timer = limitMs === Infinity ? undefined : setTimeout(tooLong, limitMs);
      this.#pending.set(id, { what, resolve, reject, timer });
      // A broken channel is told by the child's end, which rejects this order, too.
      this.#child.send({ id, order }, () => undefined);
    });
  }

  /** Signals the child, unless it is gone: then its pid may be another's. */
  signal(name: NodeJS.Signals): void {
    if (this.isGone) return;
    // As the child is ours and not reaped, its pid is its own.
    this.#lastAliveNs = systemClock.nowNs();
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => {
      this.signal('SIGKILL');
    }, END_LIMIT_MS);
    await this.exited;
    clearTimeout(timer);
  }

  #hear({ id, value, failure, note, sentNs }: ChildMessage, onNote: ChildOptions['onNote']): void {
    this.#lastAliveNs = Math.max(this.#lastAliveNs, sentNs);
    if (note !== undefined) onNote?.(note);
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (id === undefined || pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (failure === undefined) pending.resolve(value);
    else pending.reject(new EnvironmentError(`${this.name}: expected it to obey ${pending.what}, got ${failure}`));
  }

  #ended(what: string): EnvironmentError {
    const got = this.#end ?? 'a closed channel';
    return new EnvironmentError(`${this.name}: expected it to obey ${what}, got its end: ${got}`);
  }
}

/** Waits for the exit and for the end of the channel, through which messages may still come after the exit. */
function watchEnd(child: ChildProcess): Promise<string> {
  let complaint = '';
  const { stderr } = child;
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MOST_COMPLAINT);
  });
  const closed = new Promise<void>((resolve) => {
    child.once('disconnect', resolve);
  });
  // Whatever the child had started may keep this open, and it is only the last words that are waited for.
  const silent = new Promise<void>((resolve) => {
    stderr?.once('close', resolve);
  });
  return new Promise((resolve) => {
    // There is no process: neither an exit nor the end of a channel will follow.
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      const how = signal === null ? `ended with exit code ${String(code)}` : `killed by ${signal}`;
      const soon = sleep(LAST_WORDS_MS, undefined, { ref: false });
      void Promise.all([closed, Promise.race([silent, soon])]).then(() => {
        const said = complaint.trim();
        resolve(said === '' ? how : `${how}: ${said}`);
      });
    });
  });
}
