/**
 * Spawns servers that end with the run: one supervisor, one binary, and a shim for their clocks where it is wanted.
 *
 * @module
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { AdminConnection } from './admin-connection.js';
import { buildClockShim, clockShimVariables, findShimObstacle, type ClockShim } from './clock-shim.js';
import { findFreePort } from './free-port.js';
import { locateServer, type ServerBinary } from './locate.js';
import { adviseServer } from './server-advice.js';
import { serverArguments, type Listen } from './server-arguments.js';
import { readLastWords, waitUntilReady } from './server-readiness.js';
import { takeServer, type ServerSettings, type SpawnedServer } from './spawned-server.js';
import { Supervision } from './supervision.js';

/** Where this run's servers live. Disposing ends them all, and what was adopted, and removes their folders. */
export interface ServerHost extends AsyncDisposable {
  readonly binary: ServerBinary;
  /**
   * Starts one server on a free port of 127.0.0.1, or on a unix socket in its folder; a replica is ready when it has
   * what its master has.
   *
   * @throws EnvironmentError when it dies or does not answer within 10 s, with the last lines of its log
   */
  spawn(settings: ServerSettings, signal: AbortSignal): Promise<SpawnedServer>;
  /** A process that somebody else spawned ends with SIGKILL when the run is gone. Does nothing where there is no /proc. */
  adopt(pid: number): void;
  /**
   * Makes a folder for temporary files that goes with the run.
   *
   * @throws EnvironmentError when it cannot be made
   */
  makeFolder(): Promise<string>;
}

/**
 * Finds the server binary and starts a supervisor. What killed runs have left is healed first.
 *
 * @throws EnvironmentError when there is no binary or the supervisor does not start, UsageError when the one that was
 * asked for does not run
 */
export async function openServerHost(environment: NodeJS.ProcessEnv, explicitPath?: string): Promise<ServerHost> {
  const binary = await locateServer(explicitPath, environment);
  if (binary === undefined) {
    throw new EnvironmentError(
      `redis-server: expected one on PATH, got none; ${adviseServer(environment)}, or name one with --server, or running ones with --endpoint`,
    );
  }
  return new SupervisedHost(binary, await Supervision.start(environment), environment);
}

const PORT_ATTEMPTS = 10;
const SOCKET_NAME = 'redis.sock';
/** The kernel's limit is 107; some clients count differently. */
const MAX_SOCKET_PATH_CHARS = 99;

class SupervisedHost implements ServerHost {
  readonly binary: ServerBinary;
  readonly #supervision: Supervision;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #servers: SpawnedServer[] = [];
  #shim: Promise<ClockShim> | undefined;

  constructor(binary: ServerBinary, supervision: Supervision, environment: NodeJS.ProcessEnv) {
    this.binary = binary;
    this.#supervision = supervision;
    this.#environment = environment;
  }

  async spawn(settings: ServerSettings, signal: AbortSignal): Promise<SpawnedServer> {
    const shim = settings.hasClockShim === true ? await this.#buildShim() : NO_SHIM;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      const listen: Listen =
        settings.socket === 'unix' ? { kind: 'unix', path: SOCKET_NAME } : { kind: 'tcp', port: await findFreePort() };
      const process = await this.#supervision.spawn({
        ...this.binary,
        args: serverArguments(this.binary, listen, settings),
        folderRoot: folderRoot(listen),
        variables: shim.status === 'built' ? clockShimVariables(shim.path, this.#environment) : {},
      });
      const admin = new AdminConnection(endpointOf(listen, process.folder));
      const isReplica = settings.replicaOf !== undefined;
      const readiness = await waitUntilReady(process, admin, signal, isReplica).catch((thrown: unknown) => {
        admin[Symbol.dispose]();
        throw thrown;
      });
      if (readiness.status === 'ready') {
        const clockObstacle = shim.status === 'built' ? findShimObstacle(process.folder) : shim.reason;
        const server = takeServer({ process, admin, settings, clockObstacle });
        this.#servers.push(server);
        return server;
      }
      admin[Symbol.dispose]();
      await process.kill();
      const lastWords = await readLastWords(process.folder, 0);
      // Between our look at the port and the server's, somebody else may have taken it.
      const wasTaken = /address already in use/i.test(lastWords);
      if (!wasTaken || attempt === PORT_ATTEMPTS) {
        throw new EnvironmentError(
          `${this.binary.path}: expected a server that answers, got ${readiness.reason}; its last words:\n${lastWords}`,
        );
      }
    }
  }

  adopt(pid: number): void {
    this.#supervision.adopt(pid);
  }

  makeFolder(): Promise<string> {
    return this.#supervision.makeFolder(tmpdir());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server[Symbol.asyncDispose]()));
    await this.#supervision[Symbol.asyncDispose]();
  }

  /** Once for all servers. */
  #buildShim(): Promise<ClockShim> {
    this.#shim ??= this.makeFolder().then((folder) => buildClockShim(this.#environment, folder));
    return this.#shim;
  }
}

const NO_SHIM: ClockShim = {
  status: 'unavailable',
  reason: 'expected a server that was spawned with a clock shim, got one without',
};

function endpointOf(listen: Listen, folder: string): Endpoint {
  return {
    socket:
      listen.kind === 'unix'
        ? { kind: 'unix', path: join(folder, listen.path) }
        : { kind: 'tcp', host: '127.0.0.1', port: listen.port, tls: false },
    username: undefined,
    password: undefined,
    database: 0,
  };
}

function folderRoot(listen: Listen): string {
  const root = tmpdir();
  const socketPath = join(root, 'redlock-bench-XXXXXX', SOCKET_NAME);
  return listen.kind === 'unix' && socketPath.length > MAX_SOCKET_PATH_CHARS ? '/tmp' : root;
}
