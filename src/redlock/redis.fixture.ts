/**
 * Real masters for tests: each test file spawns its own and ends them. A test asks them over a unix socket; its clients
 * come the way that `test-way.fixture.ts` says.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';
import { describeEndpoint, type Endpoint } from '../model/endpoint.js';
import { locateServer } from '../servers/locate.js';
import { openWay, type TestWay } from './test-way.fixture.js';

const NOBODY = { username: undefined, password: undefined };

/** A dump that takes a minute to load, unless it is told to hurry. */
const LOADING_KEYS = 600;
const LOADING_KEY_US = 100_000;
/** How much is loaded between two looks at the clients. */
const LOADING_STEP_BYTES = 1_024;

/** One server that a test may kill, start again, stop and resume. */
export class TestMaster {
  /** Of the unix socket, on which anybody may do anything. */
  readonly url: string;
  readonly path: string;
  readonly #way: TestWay;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #admin: Redis | undefined;
  /** A test run that is cut short ends its servers, too. */
  readonly #onExit = (): void => {
    this.#process?.kill('SIGKILL');
  };
  readonly #onTerminate = (): void => {
    process.exit(1);
  };

  private constructor(folder: string, way: TestWay) {
    this.#folder = folder;
    this.#way = way;
    this.path = join(folder, 'redis.sock');
    this.url = `unix://${this.path}`;
  }

  static async start(...args: string[]): Promise<TestMaster> {
    const folder = await mkdtemp(join(tmpdir(), 'redlock-test-'));
    const master = new TestMaster(folder, await openWay(folder));
    await master.restart(...args);
    return master;
  }

  /** Where a client under test comes in, and as whom. */
  get endpoint(): Endpoint {
    return this.#way.endpoint ?? { socket: { kind: 'unix', path: this.path }, ...NOBODY, database: 0 };
  }

  /** What a client calls it. */
  get name(): string {
    return describeEndpoint(this.endpoint);
  }

  /** A connection of the test's own, outside the client under test. */
  get admin(): Redis {
    if (this.#admin === undefined) throw new Error('the master is down');
    return this.#admin;
  }

  /** Starts the server in the same place, empty. */
  async restart(...args: string[]): Promise<void> {
    const admin = await this.#spawn(args, {});
    await admin.ping();
    await this.#way.admit(admin);
  }

  /** Kills the server and starts it with a dump to load, which takes until `finishLoading`, or a minute. */
  async restartLoading(): Promise<void> {
    const filler = 'x'.repeat(LOADING_STEP_BYTES);
    for (let key = 0; key < LOADING_KEYS; key++) await this.admin.set(`filler-${String(key)}`, filler);
    await this.admin.config('SET', 'rdbcompression', 'no');
    await this.admin.save();
    await this.kill();
    const slowly = ['--key-load-delay', String(LOADING_KEY_US)];
    const steps = ['--loading-process-events-interval-bytes', String(LOADING_STEP_BYTES)];
    const admin = await this.#spawn([...slowly, ...steps], { enableReadyCheck: false });
    await admin.info();
  }

  async finishLoading(): Promise<void> {
    await this.admin.config('SET', 'key-load-delay', '0');
    while ((await this.admin.info('persistence')).includes('loading:1')) await sleep(5);
    await this.admin.flushall();
    await rm(join(this.#folder, 'dump.rdb'), { force: true });
  }

  async #spawn(args: readonly string[], options: Pick<RedisOptions, 'enableReadyCheck'>): Promise<Redis> {
    const server = await locateServer(undefined, process.env);
    if (server === undefined) throw new Error('expected a redis-server on PATH, got none');
    const own = ['--unixsocket', this.path, '--dir', this.#folder, '--save', '', '--appendonly', 'no'];
    this.#process = spawn(server.path, [...this.#way.serverArguments, ...own, ...args], {
      argv0: server.argv0,
      stdio: 'ignore',
    });
    process.once('exit', this.#onExit).once('SIGTERM', this.#onTerminate);
    const admin = new Redis({ path: this.path, retryStrategy: () => 5, maxRetriesPerRequest: null, ...options });
    admin.on('error', () => undefined);
    this.#admin = admin;
    return admin;
  }

  async kill(): Promise<void> {
    this.#admin?.disconnect();
    this.#admin = undefined;
    const server = this.#process;
    this.#process = undefined;
    process.off('exit', this.#onExit).off('SIGTERM', this.#onTerminate);
    if (server === undefined) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** How often a command ran since the last CONFIG RESETSTAT. */
  async calls(command: string): Promise<number> {
    const stats = await this.admin.info('commandstats');
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
  }
}

export async function startMasters(count: number): Promise<TestMaster[]> {
  return await Promise.all(Array.from({ length: count }, () => TestMaster.start()));
}

/** Polls until it is so; fails after 5 s. For what happens soon, but not at a known time. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return;
    await sleep(10);
  }
  throw new Error('expected within 5 s, did not happen');
}
