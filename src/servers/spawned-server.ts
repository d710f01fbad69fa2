/**
 * A server that this run spawned, and everything that may be done to it.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { Persistence, SocketKind } from '../model/scenario.js';
import { formatDurationMs, msToNs, systemClock } from '../model/time.js';
import { AdminError, type AdminConnection } from './admin-connection.js';
import { AppendOnlyHistory, cutAppendOnlyFiles, measureAppendOnlyFiles } from './append-only-file.js';
import { writeClockOffset } from './clock-shim.js';
import type { ServerInfo } from './info.js';
import { measureLog, readLastWords, waitUntilReady } from './server-readiness.js';
import type { ServerProcess } from './supervision.js';

/** What a spawned server is to be. */
export interface ServerSettings {
  /** `snapshots`: no append-only file, but dumps at the usual save points, and one when it ends in order. */
  readonly persistence: Persistence | 'snapshots';
  readonly socket: SocketKind;
  /** Whose copy it is; undefined for a master. */
  readonly replicaOf?: { readonly host: string; readonly port: number } | undefined;
  /** Whether its wall clock can be moved. */
  readonly hasClockShim?: boolean;
  /** Whether `losePower` will be asked for; false spares the samples that it needs with `everysec`. Default true. */
  readonly mayLosePower?: boolean;
}

/** One server over all its lives. Disposing ends it; its folder goes with the run. */
export interface SpawnedServer extends AsyncDisposable {
  /** The same over restarts. */
  readonly endpoint: Endpoint;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  readonly folder: string;
  /** The connection of `call` and `info`; it connects anew by itself after a restart. */
  readonly admin: AdminConnection;
  /** Why `setClock` would be refused; undefined when it works. */
  readonly clockObstacle: string | undefined;
  /** Whether its process lives, be it paused. */
  isRunning(): boolean;
  /** @throws AdminError when it is not running, unreachable, silent for 5 s, or refuses the command */
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  /** @throws AdminError as `call` does */
  info(): Promise<ServerInfo>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /**
   * SIGTERM, after which it saves what it is told to save; resolves when it is gone. A paused server is resumed first.
   *
   * @throws EnvironmentError when it did not end within 15 s, and was killed
   */
  shutdown(): Promise<void>;
  /** SIGSTOP: its connections stay open and nothing is answered. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
  /**
   * Starts it again where it was: same port, folder and settings; resolves when it answers and has loaded what it kept.
   *
   * @throws EnvironmentError when it still runs, or does not come back within 10 s
   */
  restart(): Promise<void>;
  /**
   * Emulates the loss of its machine's power: SIGKILL, and then its append-only file is cut back to what was surely on
   * the disk. With `always` and without an append-only file that is everything that SIGKILL leaves.
   */
  losePower(): Promise<{ readonly lostBytes: number }>;
  /**
   * Sets its wall clock to so much beside the true time, over restarts too; 0 puts it right.
   *
   * @throws EnvironmentError when there is no shim
   */
  setClock(byMs: number): Promise<void>;
}

/** What a server has been given when it first answered. */
export interface ServerParts {
  readonly process: ServerProcess;
  readonly admin: AdminConnection;
  readonly settings: ServerSettings;
  readonly clockObstacle: string | undefined;
}

const SHUTDOWN_TIMEOUT_MS = 15_000;
const RESTART_TIMEOUT_MS = 10_000;
const RESTART_PAUSE_MS = 50;
/** As often as a server looks whether a second is over. */
const SAMPLE_PERIOD_MS = 100;

/** Takes over a server that answers. */
export function takeServer(parts: ServerParts): SpawnedServer {
  return new SupervisedServer(parts);
}

class SupervisedServer implements SpawnedServer {
  readonly admin: AdminConnection;
  readonly clockObstacle: string | undefined;
  readonly #settings: ServerSettings;
  #life: ServerProcess;
  #hasEnded = false;
  #isPaused = false;
  #history: AppendOnlyHistory | undefined;
  #sampling: NodeJS.Timeout | undefined;

  constructor({ process, admin, settings, clockObstacle }: ServerParts) {
    this.admin = admin;
    this.clockObstacle = clockObstacle;
    this.#settings = settings;
    this.#life = process;
    this.#begin(process);
    this.#beginSampling();
  }

  get endpoint(): Endpoint {
    return this.admin.endpoint;
  }

  get pid(): number {
    return this.#life.pid;
  }

  get folder(): string {
    return this.#life.folder;
  }

  isRunning(): boolean {
    return !this.#hasEnded;
  }

  async call(command: string, ...args: readonly string[]): Promise<unknown> {
    this.#refuseWhileDead();
    return await this.admin.call(command, ...args);
  }

  async info(): Promise<ServerInfo> {
    this.#refuseWhileDead();
    return await this.admin.info();
  }

  kill(): Promise<void> {
    return this.#life.kill();
  }

  async shutdown(): Promise<void> {
    if (this.#isPaused) await this.resume();
    await this.#life.terminate();
    const hasEnded = this.#life.ended.then(() => true);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, SHUTDOWN_TIMEOUT_MS, false);
    });
    const isInOrder = await Promise.race([hasEnded, timeout]);
    clearTimeout(timer);
    if (isInOrder) return;
    await this.#life.kill();
    throw new EnvironmentError(
      `server ${String(this.pid)}: expected its end within ${formatDurationMs(SHUTDOWN_TIMEOUT_MS)} of SIGTERM, got none; ` +
        'it was killed, and may not have saved',
    );
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#life.pause();
  }

  async resume(): Promise<void> {
    await this.#life.resume();
    this.#isPaused = false;
  }

  async restart(): Promise<void> {
    const deadlineNs = systemClock.nowNs() + msToNs(RESTART_TIMEOUT_MS);
    for (;;) {
      const logStart = await measureLog(this.folder);
      this.#begin(await this.#life.respawn());
      const readiness = await waitUntilReady(this.#life, this.admin, undefined, false);
      if (readiness.status === 'ready') break;
      await this.#life.kill();
      const lastWords = await readLastWords(this.folder, logStart);
      // A client's own connection may have the port for a moment, or what was killed still closes.
      const wasTaken = /address already in use/i.test(lastWords);
      if (!wasTaken || systemClock.nowNs() > deadlineNs) {
        throw new EnvironmentError(
          `server in ${this.folder}: expected it to come back, got ${readiness.reason}; its last words:\n${lastWords}`,
        );
      }
      await sleep(RESTART_PAUSE_MS);
    }
    this.#beginSampling();
  }

  async losePower(): Promise<{ readonly lostBytes: number }> {
    if (this.#settings.mayLosePower === false) {
      throw new EnvironmentError(
        'losePower: expected a server that was spawned for it, got one with mayLosePower: false',
      );
    }
    // Before the kill: what is written while it is under way is younger still.
    const synced = this.#history?.syncedAt(systemClock.nowNs());
    await this.kill();
    return { lostBytes: synced === undefined ? 0 : cutAppendOnlyFiles(this.folder, synced) };
  }

  async setClock(byMs: number): Promise<void> {
    if (this.clockObstacle !== undefined) throw new EnvironmentError(`clock: ${this.clockObstacle}`);
    await writeClockOffset(this.folder, byMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endSampling();
    this.admin[Symbol.dispose]();
    // Its supervisor may be gone, and has ended it then.
    await this.kill().catch(() => undefined);
  }

  /** Whoever answers in its place is not ours. */
  #refuseWhileDead(): void {
    if (this.#hasEnded) throw new AdminError('expected a server that runs, got one that has ended');
  }

  #begin(life: ServerProcess): void {
    this.#life = life;
    this.admin.expectedPid = life.pid;
    this.#hasEnded = false;
    this.#isPaused = false;
    void life.ended.then(() => {
      this.#hasEnded = true;
      this.#endSampling();
    });
  }

  #beginSampling(): void {
    const { persistence, mayLosePower } = this.#settings;
    // `always` syncs before it answers, and without the file there is nothing to cut.
    if (persistence !== 'everysec' || mayLosePower === false || this.#hasEnded) return;
    // What is there when it first answers it has read from the disk, or made before anybody could ask for a lock.
    const first = measureAppendOnlyFiles(this.folder, Number.NEGATIVE_INFINITY);
    const history = new AppendOnlyHistory(first);
    this.#history = history;
    this.#sampling = setInterval(() => {
      try {
        history.add(measureAppendOnlyFiles(this.folder, systemClock.nowNs()));
      } catch {
        // A sample that is missing makes what is surely on the disk less, and never more.
      }
    }, SAMPLE_PERIOD_MS).unref();
  }

  #endSampling(): void {
    clearInterval(this.#sampling);
    this.#sampling = undefined;
  }
}
