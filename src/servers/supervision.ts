/**
 * The run's side of its supervisor: spawns servers that end with the run, and signals them.
 *
 * @module
 */
import { rm } from 'node:fs/promises';
import { EnvironmentError } from '../model/errors.js';
import { healEstates } from './estate-healing.js';
import { identifyProcess, killSameProcess, type ProcessIdentity } from './process-stat.js';
import { Sidecar, type SidecarEnd } from './sidecar.js';
import type { ServerSignal, SupervisorReply, SupervisorRequest } from './supervisor-protocol.js';

type RequestOf<Kind extends SupervisorRequest['kind']> = Extract<SupervisorRequest, { readonly kind: Kind }>;

/** One life of a server process that this run spawned. */
export interface ServerProcess {
  readonly pid: number;
  /** Its working folder; removed when the supervision ends. */
  readonly folder: string;
  /** Ends it with SIGKILL and resolves when it is gone; resolves at once when it already is. */
  kill(): Promise<void>;
  /** Asks it with SIGTERM to end in order; `ended` says when it has. */
  terminate(): Promise<void>;
  /** Stops it with SIGSTOP: its connections stay open and nothing is answered. */
  pause(): Promise<void>;
  /** Lets it go on after a pause. */
  resume(): Promise<void>;
  /**
   * Starts it again with the same arguments in the same folder.
   *
   * @throws EnvironmentError when it still runs, or cannot be run any more
   */
  respawn(): Promise<ServerProcess>;
  /** How it ended, in words, once it has: an exit code or a signal. */
  readonly ended: Promise<string>;
}

export interface SpawnOrder {
  readonly path: string;
  readonly argv0: string;
  readonly args: readonly string[];
  readonly folderRoot: string;
  /** Added to the run's variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One life of a server, from the request to its end. */
interface Charge {
  readonly started: Deferred<{ pid: number; folder: string }>;
  readonly ended: Deferred<string>;
  /** Those that nobody has acknowledged, by their number. */
  readonly signals: Map<number, () => void>;
  /** While it lives: its pid and, where there is a /proc, which process that is. */
  pid: number | undefined;
  identity: ProcessIdentity | undefined;
  folder: string | undefined;
}

/** Keeps every server of a run. Disposing ends them all, and what was adopted, and removes their folders. */
export class Supervision implements AsyncDisposable {
  /** The present life of each server. */
  readonly #charges = new Map<number, Charge>();
  readonly #folders = new Map<number, Deferred<string>>();
  #nextId = 0;
  #signals = 0;
  #sidecar: Sidecar<SupervisorRequest> | undefined;
  #settled: Promise<void> | undefined;

  /**
   * Heals what killed runs have left, and starts the supervisor of this one.
   *
   * @throws EnvironmentError when the supervisor does not start
   */
  static async start(environment: NodeJS.ProcessEnv): Promise<Supervision> {
    // What others have left must not keep this run from starting.
    await healEstates().catch(() => undefined);
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
    const id = this.#nextId++;
    return await this.#launch({ kind: 'spawn', id, ...order });
  }

  /**
   * Makes a folder that is removed when the run is gone.
   *
   * @throws EnvironmentError when it cannot be made
   */
  async makeFolder(folderRoot: string): Promise<string> {
    const id = this.#nextId++;
    const made = defer<string>();
    this.#folders.set(id, made);
    this.#send({ kind: 'make-folder', id, folderRoot });
    return await made.promise;
  }

  /** Ends a process that somebody else spawned when the run is gone. Does nothing where there is no /proc. */
  adopt(pid: number): void {
    const identity = identifyProcess(pid);
    if (identity === undefined) return;
    this.#send({ kind: 'adopt', process: identity });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sidecar?.[Symbol.asyncDispose]();
    await this.#settled;
  }

  async #launch(request: RequestOf<'spawn'> | RequestOf<'respawn'>): Promise<ServerProcess> {
    const { id } = request;
    const charge: Charge = {
      started: defer(),
      ended: defer(),
      signals: new Map(),
      pid: undefined,
      identity: undefined,
      folder: undefined,
    };
    this.#charges.set(id, charge);
    this.#send(request);
    const { pid, folder } = await charge.started.promise;
    let hasEnded = false;
    void charge.ended.promise.then(() => (hasEnded = true));
    // The pid is another's by then, and the id may mean the next life.
    const signal = async (name: ServerSignal): Promise<void> => {
      if (!hasEnded) await this.#signal(id, charge, name);
    };
    return {
      pid,
      folder,
      ended: charge.ended.promise,
      kill: async () => {
        await signal('SIGKILL');
        await charge.ended.promise;
      },
      terminate: () => signal('SIGTERM'),
      pause: () => signal('SIGSTOP'),
      resume: () => signal('SIGCONT'),
      respawn: async () => {
        if (!hasEnded) throw new EnvironmentError('server: expected it to be gone before a restart, got a living one');
        return await this.#launch({ kind: 'respawn', id });
      },
    };
  }

  #send(request: SupervisorRequest): void {
    if (this.#sidecar === undefined) throw new EnvironmentError('supervisor: expected it to run, got a request before');
    this.#sidecar.send(request);
  }

  #signal(id: number, charge: Charge, name: ServerSignal): Promise<void> {
    return new Promise((resolve) => {
      const number = this.#signals++;
      this.#send({ kind: 'signal', id, number, signal: name });
      charge.signals.set(number, resolve);
    });
  }

  #hear(reply: SupervisorReply): void {
    if (reply.kind === 'ready') return;
    const charge = this.#charges.get(reply.id);
    switch (reply.kind) {
      case 'spawned':
        if (charge === undefined) break;
        charge.pid = reply.pid;
        charge.identity = reply.process;
        charge.folder = reply.folder;
        charge.started.resolve({ pid: reply.pid, folder: reply.folder });
        break;
      case 'made-folder':
        this.#folders.get(reply.id)?.resolve(reply.folder);
        break;
      case 'refused':
        charge?.started.reject(
          new EnvironmentError(`server: expected it to start, got ${reply.reason}; name another binary with --server`),
        );
        charge?.ended.resolve('never started');
        this.#folders
          .get(reply.id)
          ?.reject(new EnvironmentError(`expected a folder to be made, got ${reply.reason}; is the disk full?`));
        break;
      case 'signalled':
        // One that an earlier life has taken with it was settled with its end.
        charge?.signals.get(reply.number)?.();
        charge?.signals.delete(reply.number);
        break;
      case 'exited':
        if (charge === undefined) break;
        charge.pid = undefined;
        charge.ended.resolve(reply.how);
        settleSignals(charge);
        break;
    }
  }

  /** Settles everybody who waits, and ends what a supervisor left behind that was itself killed from outside. */
  async #settle(end: SidecarEnd): Promise<void> {
    const gone = new EnvironmentError('supervisor: expected it to run, got its end; was it killed from outside?');
    const folders: string[] = [];
    for (const charge of this.#charges.values()) {
      const { pid, identity, folder, started, ended } = charge;
      // Alive a moment ago, when its parent died; an orderly supervisor has reaped it, and the pid may be another's.
      if (end === 'killed' && pid !== undefined) killLeftOver(pid, identity);
      if (end === 'killed' && folder !== undefined) folders.push(folder);
      started.reject(gone);
      ended.resolve('ended with its supervisor');
      settleSignals(charge);
    }
    for (const made of this.#folders.values()) made.reject(gone);
    await Promise.allSettled(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 3 })));
    // The rest is in its journal; where there is no /proc there is none, and the above is all that can be done.
    if (end === 'killed') await healEstates().catch(() => undefined);
  }
}

/** There is nobody left to be signalled. */
function settleSignals({ signals }: Charge): void {
  for (const resolve of signals.values()) resolve();
  signals.clear();
}

function killLeftOver(pid: number, identity: ProcessIdentity | undefined): void {
  if (identity !== undefined) {
    killSameProcess(identity);
    return;
  }
  // Only where there is no /proc to tell processes apart.
  if (identifyProcess(process.pid) !== undefined) return;
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
