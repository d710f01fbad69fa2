/**
 * A driver's process: started without a shell in a group of its own, spoken to in lines, and never left behind.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { SECRET_VARIABLES } from '../model/endpoint.js';
import type { DriverOrder } from './driver-messages.js';

/** How much of what a driver wrote to stderr is kept. */
const KEPT_CHARACTERS = 16_384;
/** What the last bytes of a process that has exited may take to arrive. */
const LAST_WORDS_MS = 1_000;

/** How a process ended: by itself, by a signal, or it never began. */
export interface DriverExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly startError: Error | undefined;
}

/** Hears what a process does. */
export interface ProcessListener {
  wrote(chunk: Buffer): void;
  /** It wrote this many bytes to stderr. */
  complained(bytes: number): void;
}

export class DriverProcess {
  /** Resolves when the process has exited and everything that it wrote was heard. */
  readonly exited: Promise<DriverExit>;
  /** It has no pipes when the host had none left; then it has not started. */
  readonly #child: ChildProcess;
  #stderr = '';
  #isStderrCut = false;
  #isGone = false;

  constructor(command: readonly string[], environment: NodeJS.ProcessEnv, listener: ProcessListener) {
    const [program = '', ...words] = command;
    this.#child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // It gets passwords through its stdin alone.
      env: Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRET_VARIABLES.includes(name))),
      // A group of its own: Ctrl-C reaches the runner alone, and a signal to the group reaches whatever it starts.
      detached: true,
    });
    this.exited = this.#follow();
    // A driver that has closed its stdin is judged by what it sends, not by what it no longer reads.
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      listener.wrote(chunk);
    });
    const decoder = new StringDecoder('utf8');
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      const text = this.#stderr + decoder.write(chunk);
      this.#isStderrCut ||= text.length > KEPT_CHARACTERS;
      this.#stderr = text.slice(-KEPT_CHARACTERS);
      listener.complained(chunk.length);
    });
  }

  /** Sends one order. */
  send(order: DriverOrder): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  /** The last lines that it wrote to stderr, as they came. A line whose beginning is lost is left out. */
  get lastWords(): string {
    if (!this.#isStderrCut) return this.#stderr;
    const lineEnd = this.#stderr.indexOf('\n');
    return lineEnd < 0 ? '' : this.#stderr.slice(lineEnd + 1);
  }

  /** Closes its stdin, which asks it to end; what has not ended after the grace is made to. */
  async dismiss(graceMs: number): Promise<void> {
    this.#child.stdin?.end();
    if (!(await this.#endsWithin(graceMs))) await this.stop(graceMs);
  }

  /**
   * SIGTERM, and SIGKILL after the grace. What it still writes is not read. One that even SIGKILL does not end, because
   * it hangs in the kernel, is waited for no longer than another grace.
   */
  async stop(graceMs: number): Promise<void> {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#signal('SIGTERM');
    if (await this.#endsWithin(graceMs)) return;
    this.kill();
    if (await this.#endsWithin(graceMs)) return;
    this.#child.stdin?.destroy();
    this.#child.unref();
  }

  /** SIGKILL, at once. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  async #follow(): Promise<DriverExit> {
    const closed = once(this.#child, 'close').catch(() => undefined);
    let exit: DriverExit;
    try {
      const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
      exit = { code, signal, startError: undefined };
    } catch (error) {
      this.#isGone = true;
      return { code: null, signal: null, startError: error as Error };
    }
    // What it had started dies with it, and with that its hold on the pipes.
    this.kill();
    this.#isGone = true;
    await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe?.destroy();
    return exit;
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timeout = new AbortController();
    const late = sleep(ms, false, { signal: timeout.signal }).catch(() => false);
    const hasEnded = await Promise.race([this.exited.then(() => true), late]);
    timeout.abort();
    return hasEnded;
  }

  /** To the whole group, by the id that is known to be ours until the process is gone. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#isGone) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nobody is left in the group.
    }
  }
}
