/**
 * Starts one master on this machine and waits until it answers.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import type { Scenario } from '../model/scenario.js';
import { formatDurationMs, msToNs, systemClock } from '../model/time.js';
import { AdminConnection, AdminError } from './admin-connection.js';
import type { ServerInfo } from './info.js';
import type { ServerBinary } from './locate.js';
import { serverArguments, type Listen } from './server-arguments.js';
import type { ServerProcess, Supervision } from './supervision.js';
import { SERVER_LOG } from './supervisor-protocol.js';

export interface SpawnedMaster {
  readonly process: ServerProcess;
  readonly admin: AdminConnection;
  readonly info: ServerInfo;
}

export interface SpawnContext {
  readonly supervision: Pick<Supervision, 'spawn'>;
  readonly server: ServerBinary;
  readonly scenario: Scenario;
  readonly signal: AbortSignal;
}

const READY_TIMEOUT_MS = 10_000;
const POLL_MS = 5;
const PORT_ATTEMPTS = 10;
const LOG_LINES = 5;
const SOCKET_NAME = 'redis.sock';
/** The kernel's limit is 107; some clients count differently. */
const MAX_SOCKET_PATH_CHARS = 99;

/**
 * Starts one server on a free port, or on a unix socket in its folder.
 *
 * @throws EnvironmentError when it dies or does not answer within 10 s, with the last lines of its log
 */
export async function spawnMaster(context: SpawnContext): Promise<SpawnedMaster> {
  for (let attempt = 1; ; attempt++) {
    context.signal.throwIfAborted();
    const listen: Listen =
      context.scenario.socket === 'unix'
        ? { kind: 'unix', path: SOCKET_NAME }
        : { kind: 'tcp', port: await freePort() };
    const process = await context.supervision.spawn({
      ...context.server,
      args: serverArguments(context.server, listen, context.scenario.persistence),
      folderRoot: folderRoot(listen),
    });
    const admin = new AdminConnection(endpointOf(listen, process.folder));
    const outcome = await waitUntilReady(process, admin, context.signal).catch((thrown: unknown) => {
      admin[Symbol.dispose]();
      throw thrown;
    });
    if (outcome.status === 'ready') return { process, admin, info: outcome.info };

    admin[Symbol.dispose]();
    await process.kill();
    const log = await readLog(process.folder);
    // Between our look at the port and the server's, somebody else may have taken it.
    const wasTaken = /address already in use/i.test(log);
    if (!wasTaken || attempt === PORT_ATTEMPTS) {
      throw new EnvironmentError(
        `${context.server.path}: expected a server that answers, got ${outcome.reason}; its last words:\n${log}`,
      );
    }
  }
}

type Readiness =
  { readonly status: 'ready'; readonly info: ServerInfo } | { readonly status: 'failed'; readonly reason: string };

async function waitUntilReady(process: ServerProcess, admin: AdminConnection, signal: AbortSignal): Promise<Readiness> {
  const deadlineNs = systemClock.nowNs() + msToNs(READY_TIMEOUT_MS);
  let end: string | undefined;
  void process.ended.then((how) => (end = how));
  let lastReason = 'no connection';
  while (systemClock.nowNs() < deadlineNs) {
    signal.throwIfAborted();
    if (end !== undefined) return { status: 'failed', reason: end };
    try {
      await admin.call('PING');
      const info = await admin.info();
      // A stranger may answer on the port that our server failed to get.
      if (info.get('process_id') === String(process.pid)) return { status: 'ready', info };
      lastReason = `an answer from process ${info.get('process_id') ?? 'unknown'}`;
    } catch (thrown) {
      if (!(thrown instanceof AdminError)) throw thrown;
      lastReason = thrown.message;
    }
    await sleep(POLL_MS);
  }
  return { status: 'failed', reason: `${lastReason} for ${formatDurationMs(READY_TIMEOUT_MS)}` };
}

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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new EnvironmentError('expected a TCP port, got none');
  return address.port;
}

async function readLog(folder: string): Promise<string> {
  const text = await readFile(join(folder, SERVER_LOG), 'utf8').catch(() => '');
  const lines = text.trim().split('\n').slice(-LOG_LINES);
  return lines[0] === '' ? '  (nothing)' : lines.map((line) => `  ${line}`).join('\n');
}
