/**
 * The run's side of its supervisor: spawns servers that end with the run, and signals them.
 *
 * @module
 */
import { rm } from 'node:fs/promises';
import { EnvironmentError } from '../model/errors.js';
import { Sidecar, type SidecarEnd } from './sidecar.js';
import type { ServerSignal, SupervisorReply, SupervisorRequest } from './supervisor-protocol.js';

/** A server process that this run spawned. */
export interface ServerProcess {
  readonly pid: number;
  /** Its working folder; removed when the topology is closed. */
  readonly folder: string;
  /** Ends it with SIGKILL and resolves when it is gone; resolves at once when it already is. */
  kill(): Promise<void>;
  /** Stops it with SIGSTOP: its connections stay open and nothing is answered. */
  pause(): Promise<void>;
  /** Lets it go on after a pause. */
  resume(): Promise<void>;
  /** How it ended, in words, once it has: an exit code or a signal. */
  readonly ended: Promise<string>;
}

export interface SpawnOrder {
  readonly path: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly folderRoot: string;
}

interface Charge {
  readonly started: Deferred<{ pid: number; folder: string }>;
  readonly ended: Deferred<string>;
  /** Resolved in the order in which the signals were sent. */
  readonly signals: (() => void)[];
  pid: number | undefined;
  folder: string | undefined;
}

/** Keeps every server of a run. Disposing ends them all and removes their folders. */
export class Supervision implements AsyncDisposable {
  readonly #charges = new Map<number, Charge>();
  #sidecar: Sidecar<SupervisorRequest> | undefined;
  #settled: Promise<void> | undefined;

  /** @throws EnvironmentError when the supervisor does not start */
  static async start(environment: NodeJS.ProcessEnv): Promise<Supervision> {
    const supervision = new Supervision();
    const sidecar = await Sidecar.start<SupervisorRequest>('supervisor', environment, (reply) => {
      supervision.#hear(reply as SupervisorReply);
    });
    supervision.#sidecar = sidecar;
    supervision.#settled = sidecar.ended.then((end) => supervision.#settle(end));
    return supervision;
  }

  /** @throws EnvironmentError when the binary cannot be run */
  async spawn(order: SpawnOrder): Promise<ServerProcess> {
    const id = this.#charges.size;
    const charge: Charge = { started: defer(), ended: defer(), signals: [], pid: undefined, folder: undefined };
    this.#charges.set(id, charge);
    this.#send({ kind: 'spawn', id, ...order });
    const { pid, folder } = await charge.started.promise;
    const signal = (name: ServerSignal): Promise<void> => this.#signal(id, charge, name);
    return {
      pid,
      folder,
      ended: charge.ended.promise,
      kill: async () => {
        await signal('SIGKILL');
        await charge.ended.promise;
      },
      pause: () => signal('SIGSTOP'),
      resume: () => signal('SIGCONT'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sidecar?.[Symbol.asyncDispose]();
    await this.#settled;
  }

  #send(request: SupervisorRequest): void {
    if (this.#sidecar === undefined) throw new EnvironmentError('supervisor: expected it to run, got a request before');
    this.#sidecar.send(request);
  }

  #signal(id: number, charge: Charge, name: ServerSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#send({ kind: 'signal', id, signal: name });
      charge.signals.push(resolve);
    });
  }

  #hear(reply: SupervisorReply): void {
    if (reply.kind === 'ready') return;
    const charge = this.#charges.get(reply.id);
    if (charge === undefined) return;
    switch (reply.kind) {
      case 'spawned':
        charge.pid = reply.pid;
        charge.folder = reply.folder;
        charge.started.resolve({ pid: reply.pid, folder: reply.folder });
        break;
      case 'refused':
        charge.started.reject(
          new EnvironmentError(`server: expected it to start, got ${reply.reason}; name another binary with --server`),
        );
        break;
      case 'signalled':
        charge.signals.shift()?.();
        break;
      case 'exited':
        charge.pid = undefined;
        charge.ended.resolve(reply.how);
        break;
    }
  }

  /** Settles everybody who waits, and ends what a supervisor left behind that was itself killed from outside. */
  async #settle(end: SidecarEnd): Promise<void> {
    const folders: string[] = [];
    for (const { pid, folder, started, ended, signals } of this.#charges.values()) {
      // Alive a moment ago, when its parent died; an orderly supervisor has reaped it, and the pid may be another's.
      if (end === 'killed' && pid !== undefined) killGroup(pid);
      if (end === 'killed' && folder !== undefined) folders.push(folder);
      started.reject(new EnvironmentError('server: expected it to start, got the end of its supervisor'));
      ended.resolve('ended with its supervisor');
      for (const resolve of signals.splice(0)) resolve();
    }
    await Promise.allSettled(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the supervisor ended it before it ended itself.
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

function defer<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // A rejection that nobody awaits yet is not unhandled: whoever spawns gets the same promise.
  promise.catch(() => undefined);
  if (settle === undefined) throw new Error('expected a promise to run its executor at once');
  return { promise, ...settle };
}
