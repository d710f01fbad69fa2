/**
 * The supervisor's process: spawns the servers of one run and ends them when the run is gone, even by SIGKILL.
 *
 * It spawns them itself, instead of being told their pids: the pid of an own child that was not reaped cannot be given
 * to another process, so what it kills is always what it spawned. The same holds for the folders that it makes.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_LOG, type SupervisorReply, type SupervisorRequest } from './supervisor-protocol.js';

const END_TIMEOUT_MS = 5_000;

interface Server {
  readonly child: ChildProcess;
  /** Resolves when it is gone, or when it never was. */
  readonly exited: Promise<void>;
}

/** Everything that must not outlive the run. */
interface Estate {
  readonly servers: Map<number, Server>;
  readonly folders: string[];
}

type SpawnRequest = Extract<SupervisorRequest, { readonly kind: 'spawn' }>;
type SignalRequest = Extract<SupervisorRequest, { readonly kind: 'signal' }>;

function supervise(): void {
  const estate: Estate = { servers: new Map(), folders: [] };
  const end = once(() => void endAll(estate).finally(() => process.exit(0)));

  // Polite signals are not for us: the run decides when its servers end, and its death closes the channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('uncaughtException', end);
  process.on('disconnect', end);
  process.on('message', (message) => {
    const request = message as SupervisorRequest;
    if (request.kind === 'spawn') trySpawning(estate, request);
    else signalServer(estate.servers.get(request.id), request);
  });
  reply({ kind: 'ready' });
  // The run may have died while this module was loading: then nobody heard the channel close.
  if (!process.connected) end();
}

function trySpawning(estate: Estate, request: SpawnRequest): void {
  try {
    spawnServer(estate, request);
  } catch (thrown) {
    reply({ kind: 'refused', id: request.id, reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

function spawnServer({ servers, folders }: Estate, { id, path, argv0, args, folderRoot }: SpawnRequest): void {
  // Synchronous from here to the entry in the map: the channel cannot close in between.
  const folder = mkdtempSync(join(folderRoot, 'redlock-bench-'));
  folders.push(folder);
  const log = openSync(join(folder, SERVER_LOG), 'a');
  const child = spawn(path, args, {
    argv0,
    cwd: folder,
    stdio: ['ignore', log, log],
    // The leader of its own group, so that a rewrite of the append-only file, which it forks, dies with it.
    detached: true,
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      reply({ kind: 'exited', id, how: signal ?? `exit code ${String(code)}` });
      resolve();
    });
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      reply({ kind: 'refused', id, reason: error.message });
      resolve();
    });
  });
  servers.set(id, { child, exited });
  if (child.pid !== undefined) reply({ kind: 'spawned', id, pid: child.pid, folder });
}

function signalServer(server: Server | undefined, { id, signal }: SignalRequest): void {
  if (server !== undefined) deliver(server, signal);
  reply({ kind: 'signalled', id });
}

function deliver({ child }: Server, signal: NodeJS.Signals): void {
  // Not reaped, so the pid, and the group that it leads, are still ours.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
}

async function endAll({ servers, folders }: Estate): Promise<void> {
  for (const server of servers.values()) deliver(server, 'SIGKILL');
  const timeout = new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS));
  await Promise.race([timeout, Promise.all([...servers.values()].map(({ exited }) => exited))]);
  // Only now: a server that still ran could write into its folder again.
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function reply(message: SupervisorReply): void {
  // The run may be gone; then there is nobody to tell, and `disconnect` is on its way.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}

supervise();
