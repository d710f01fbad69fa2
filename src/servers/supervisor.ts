/**
 * The supervisor's process: spawns the servers of one run and ends them when the run is gone, even by SIGKILL.
 *
 * It spawns them itself, instead of being told their pids: the pid of an own child that was not reaped cannot be given
 * to another process, so what it kills is always what it spawned. The same holds for the folders that it makes. What it
 * adopts it knows by pid and start. All of that is in its journal, should it be killed itself.
 *
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EstateJournal, type EstateEntry } from './estate-journal.js';
import { identifyProcess, isSameProcess, killSameProcess, type ProcessIdentity } from './process-stat.js';
import { SERVER_LOG, type SupervisorReply, type SupervisorRequest } from './supervisor-protocol.js';

const END_TIMEOUT_MS = 5_000;
const POLL_MS = 5;

interface Server {
  readonly order: SpawnRequest;
  readonly folder: string;
  readonly child: ChildProcess;
  /** Resolves when it is gone, or when it never was. */
  readonly exited: Promise<void>;
}

/** Everything that must not outlive the run. */
interface Estate {
  readonly servers: Map<number, Server>;
  readonly folders: string[];
  readonly adopted: Map<number, ProcessIdentity>;
  journal: EstateJournal | undefined;
  /** Opened when there is first something to write down. */
  isJournalOpen: boolean;
}

type RequestOf<Kind extends SupervisorRequest['kind']> = Extract<SupervisorRequest, { readonly kind: Kind }>;
type SpawnRequest = RequestOf<'spawn'>;

function supervise(): void {
  const estate: Estate = {
    servers: new Map(),
    folders: [],
    adopted: new Map(),
    journal: undefined,
    isJournalOpen: false,
  };
  const end = once(() => void endAll(estate).finally(() => process.exit(0)));

  // Polite signals are not for us: the run decides when its servers end, and its death closes the channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('uncaughtException', end);
  process.on('disconnect', end);
  process.on('message', (message) => {
    obey(estate, message as SupervisorRequest);
  });
  reply({ kind: 'ready' });
  // The run may have died while this module was loading: then nobody heard the channel close.
  if (!process.connected) end();
}

/** Synchronous throughout: the channel cannot close between an act and its entry in the estate. */
function obey(estate: Estate, request: SupervisorRequest): void {
  switch (request.kind) {
    case 'spawn':
      orRefuse(request.id, () => {
        launch(estate, request, makeFolder(estate, request.folderRoot));
      });
      break;
    case 'respawn':
      orRefuse(request.id, () => {
        respawn(estate, request.id);
      });
      break;
    case 'signal':
      signalServer(estate.servers.get(request.id), request);
      break;
    case 'make-folder':
      orRefuse(request.id, () => {
        reply({ kind: 'made-folder', id: request.id, folder: makeFolder(estate, request.folderRoot) });
      });
      break;
    case 'adopt':
      estate.adopted.set(request.process.pid, request.process);
      note(estate, { kind: 'process', process: request.process });
      break;
  }
}

function orRefuse(id: number, action: () => void): void {
  try {
    action();
  } catch (thrown) {
    reply({ kind: 'refused', id, reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

/**
 * Writes down what must not be left. Without a journal, on a disk that is full, this supervisor still ends everything;
 * only its own violent end would leave something then, so that nothing is refused for it.
 */
function note(estate: Estate, entry: EstateEntry): void {
  if (!estate.isJournalOpen) {
    estate.isJournalOpen = true;
    estate.journal = attempt(() => EstateJournal.open(tmpdir()));
  }
  attempt(() => estate.journal?.write(entry));
}

/** @returns undefined when it failed */
function attempt<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function makeFolder(estate: Estate, root: string): string {
  const folder = mkdtempSync(join(root, 'redlock-bench-'));
  estate.folders.push(folder);
  note(estate, { kind: 'folder', root, name: basename(folder) });
  return folder;
}

function respawn(estate: Estate, id: number): void {
  const server = estate.servers.get(id);
  if (server === undefined || isRunning(server)) {
    throw new Error(`server ${String(id)}: expected it to be gone before it is started again`);
  }
  launch(estate, server.order, server.folder);
}

function launch(estate: Estate, order: SpawnRequest, folder: string): void {
  const { id, path, argv0, args, variables } = order;
  const log = openSync(join(folder, SERVER_LOG), 'a');
  const child = spawn(path, args, {
    argv0,
    cwd: folder,
    env: { ...process.env, ...variables },
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
  estate.servers.set(id, { order, folder, child, exited });
  if (child.pid === undefined) return;
  // Not reaped yet, even if it died at once.
  const identity = identifyProcess(child.pid);
  if (identity !== undefined) note(estate, { kind: 'process', process: identity });
  reply({ kind: 'spawned', id, pid: child.pid, process: identity, folder });
}

function signalServer(server: Server | undefined, { id, number, signal }: RequestOf<'signal'>): void {
  if (server !== undefined) deliver(server, signal);
  reply({ kind: 'signalled', id, number });
}

function deliver(server: Server, signal: NodeJS.Signals): void {
  const { pid } = server.child;
  // Not reaped, so the pid, and the group that it leads, are still ours.
  if (pid === undefined || !isRunning(server)) return;
  // A child that died a moment ago, or that has not become the leader of its group yet.
  if (attempt(() => process.kill(signal === 'SIGKILL' ? -pid : pid, signal)) === undefined) {
    attempt(() => process.kill(pid, signal));
  }
}

function isRunning({ child }: Server): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function endAll({ servers, folders, adopted, journal }: Estate): Promise<void> {
  for (const server of servers.values()) deliver(server, 'SIGKILL');
  for (const identity of adopted.values()) killSameProcess(identity);
  const timeout = new Promise((resolve) => setTimeout(resolve, END_TIMEOUT_MS));
  const gone = [...[...servers.values()].map(({ exited }) => exited), ...[...adopted.values()].map(untilGone)];
  const isAllGone = await Promise.race([timeout, Promise.all(gone).then(() => true)]);
  // Only now: a server that still ran could write into its folder again.
  const removed = folders.map((folder) =>
    attempt(() => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      return true;
    }),
  );
  // What could not be ended in five seconds, or removed, is left to the next start.
  if (isAllGone === true && !removed.includes(undefined)) attempt(() => journal?.remove());
}

/** Nobody tells of the end of a process that is not a child. */
async function untilGone(identity: ProcessIdentity): Promise<void> {
  while (isSameProcess(identity)) await sleep(POLL_MS);
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
