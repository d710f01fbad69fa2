/**
 * A small process of our own beside the run: its end of a channel breaks when the run dies, however it dies.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { EnvironmentError } from '../model/errors.js';
import { formatDurationMs } from '../model/time.js';
import { childEntryPath, childEnvironment } from './child-entry.js';

const START_TIMEOUT_MS = 10_000;
const END_TIMEOUT_MS = 10_000;

export type SidecarEntry = 'supervisor' | 'tcp-proxy-process';

export type SidecarEnd = 'orderly' | 'killed';

/** What every sidecar says first, once it listens: a message that came earlier could be lost. */
export interface SidecarReady {
  readonly kind: 'ready';
}

/** The run's side of a sidecar. Disposing closes the channel, which asks the sidecar to clean up, and waits for its end. */
export class Sidecar<Request extends object> implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process is gone: `orderly` when it had finished its work. Never rejects. */
  readonly ended: Promise<SidecarEnd>;
  readonly #child: ChildProcess;
  readonly #entry: SidecarEntry;

  private constructor(child: ChildProcess, entry: SidecarEntry, ended: Promise<SidecarEnd>, pid: number) {
    this.#child = child;
    this.#entry = entry;
    this.ended = ended;
    this.pid = pid;
  }

  /**
   * Starts the compiled entry and waits until it listens.
   *
   * @throws EnvironmentError when it does not start within 10 s
   */
  static async start<Request extends object>(
    entry: SidecarEntry,
    environment: NodeJS.ProcessEnv,
    onReply: (reply: unknown) => void,
  ): Promise<Sidecar<Request>> {
    const child = spawn(process.execPath, [childEntryPath(`servers/${entry}`)], {
      // A session of its own: a terminal's Ctrl-C must reach the run alone, which drains while its servers still answer.
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: childEnvironment(environment),
    });
    const ended = new Promise<SidecarEnd>((resolve) => {
      child.once('exit', (code) => {
        resolve(code === 0 ? 'orderly' : 'killed');
      });
      // Either the spawn failed, so that there is no process, or a message could not be sent, and `exit` follows.
      child.on('error', () => {
        if (child.pid === undefined) resolve('killed');
      });
    });
    await waitUntilReady(child, entry, ended);
    if (child.pid === undefined) throw new EnvironmentError(`${entry}: expected a process, got none`);
    child.on('message', onReply);
    return new Sidecar<Request>(child, entry, ended, child.pid);
  }

  /** @throws EnvironmentError when the sidecar is gone */
  send(request: Request): void {
    if (!this.#child.connected) {
      throw new EnvironmentError(
        `${this.#entry}: expected it to run, got a closed channel; was it killed from outside?`,
      );
    }
    this.#child.send(request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    // A sidecar that hangs is ended the hard way: it is our own child and not reaped, so its pid is still its own.
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }
}

async function waitUntilReady(child: ChildProcess, entry: SidecarEntry, ended: Promise<SidecarEnd>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<'ready'>((resolve) => {
    child.once('message', () => {
      resolve('ready');
    });
  });
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`nothing within ${formatDurationMs(START_TIMEOUT_MS)}`);
    }, START_TIMEOUT_MS);
  });
  const outcome = await Promise.race([ready, timeout, ended.then(() => 'an exit')]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  child.kill('SIGKILL');
  throw new EnvironmentError(
    `${entry}: expected it to start, got ${outcome}; is this machine out of processes or memory?`,
  );
}
