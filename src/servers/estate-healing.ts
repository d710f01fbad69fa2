/**
 * Undoes what killed runs have left: their servers, stopped ones too, and their folders.
 *
 * @module
 */
import { lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../model/errors.js';
import { msToNs, systemClock } from '../model/time.js';
import {
  estatesFolder,
  isPrivateFolder,
  readEstate,
  readMachine,
  removeIfEmpty,
  type EstateEntry,
} from './estate-journal.js';
import {
  identifyProcess,
  isOurs,
  isSameProcess,
  killSameProcess,
  readProcessStat,
  type ProcessIdentity,
} from './process-stat.js';
import { SERVER_LOG } from './supervisor-protocol.js';

/** A supervisor whose run has died ends its servers within 5 s; until then the estate is in its hands. */
const SUPERVISOR_GRACE_MS = 7_000;
const END_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

/** What `mkdtemp` makes of the name of a server's folder; the folder of journals does not match. */
const FOLDER_NAME = /^redlock-bench-[A-Za-z0-9]{6}$/;

/**
 * Ends the processes and removes the folders of every run of this user that is gone, with its supervisor, and did not
 * do so itself. What belongs to a living run, to another user, or to a pid that means another process by now, stays.
 *
 * @returns what was done, a sentence each; none where there is no /proc
 */
export async function healEstates(tmpRoot: string = tmpdir()): Promise<readonly string[]> {
  const folder = estatesFolder(tmpRoot);
  if (identifyProcess(process.pid) === undefined || !isPrivateFolder(folder)) return [];
  const healed: string[] = [];
  for (const name of readdirSync(folder)) {
    const [, pid, startTicks] = /^(\d+)-(\d+)\.jsonl$/.exec(name) ?? [];
    if (pid === undefined || startTicks === undefined) continue;
    const supervisor = { pid: Number(pid), startTicks: Number(startTicks) };
    try {
      healed.push(...(await healEstate(join(folder, name), supervisor)));
    } catch (thrown) {
      // The others are healed all the same.
      healed.push(`could not heal ${join(folder, name)}: ${toError(thrown).message}`);
    }
  }
  removeIfEmpty(folder);
  return healed;
}

async function healEstate(path: string, supervisor: ProcessIdentity): Promise<string[]> {
  const entries = readEstate(path);
  const estate = entries.find((entry) => entry.kind === 'estate');
  const here = readMachine();
  // Another machine, or a container, that shares the folder of temporary files: it may well live, and its pids say
  // nothing here. A machine that has another boot is the same one only if its own identity says so.
  if (here === undefined || (estate !== undefined && estate.machine !== here.machine)) return [];
  const isSameBoot = estate === undefined || estate.boot === here.boot;
  if (isSameBoot && estate !== undefined && estate.pidNamespace !== here.pidNamespace) return [];

  const healed: string[] = [];
  if (isSameBoot) {
    if (!(await isAbandoned(supervisor, estate?.run))) return [];
    const remaining = await endProcesses(entries, supervisor, healed);
    // The next start tries again.
    if (remaining.length > 0) return [...healed, ...remaining.map((pid) => `could not end process ${String(pid)}`)];
  }
  const folders = foldersOf(entries);
  healed.push(...folders.map(removeFolder));
  if (!folders.some(isOwnFolder)) rmSync(path, { force: true });
  return healed;
}

function removeFolder(folder: string): string {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    return `removed ${folder}, left by a run that was killed`;
  } catch (thrown) {
    return `could not remove ${folder}: ${toError(thrown).message}`;
  }
}

/** Whether nobody is left to do it in order. Waits for a supervisor that is about to. */
async function isAbandoned(supervisor: ProcessIdentity, run: ProcessIdentity | undefined): Promise<boolean> {
  if (!isSameProcess(supervisor)) return true;
  // Without a first line it has only just begun.
  if (run === undefined || isSameProcess(run)) return false;
  const isStopped = (): boolean => readProcessStat(supervisor.pid)?.state === 'T';
  await waitUntil(() => !isSameProcess(supervisor) || isStopped(), SUPERVISOR_GRACE_MS);
  return true;
}

/** @returns the pids that still live */
async function endProcesses(
  entries: readonly EstateEntry[],
  supervisor: ProcessIdentity,
  healed: string[],
): Promise<number[]> {
  // The supervisor first: it could spawn, and it answers for the others as long as it lives.
  const processes = [supervisor, ...processesOf(entries), ...foldersOf(entries).flatMap(findUnrecorded)];
  const each = new Map(processes.map((identity) => [keyOf(identity), identity]));
  const killed = [...each.values()].filter((identity) => isOurs(identity.pid) && killSameProcess(identity));
  healed.push(...killed.map(({ pid }) => `ended process ${String(pid)}, left by a run that was killed`));
  await waitUntil(() => !killed.some(isSameProcess), END_TIMEOUT_MS);
  return killed.filter(isSameProcess).map(({ pid }) => pid);
}

function processesOf(entries: readonly EstateEntry[]): ProcessIdentity[] {
  return entries.filter((entry) => entry.kind === 'process').map((entry) => entry.process);
}

function keyOf({ pid, startTicks }: ProcessIdentity): string {
  return `${String(pid)}-${String(startTicks)}`;
}

/**
 * Servers of a folder that the journal does not name: the supervisor was killed between the spawn and the line.
 *
 * A supervisor's child leads a session without a terminal, works in its folder, and prints into the log there. Somebody
 * else's process may do the first two; a variable as a mark would not last, for a server that writes its title into the
 * list of processes overwrites its variables.
 */
function findUnrecorded(folder: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isServerOf(folder, name))
    .flatMap((name) => readProcessStat(Number(name)) ?? [])
    .filter(({ pid, session, terminal }) => session === pid && terminal === 0)
    .map(({ pid, startTicks }) => ({ pid, startTicks }));
}

function isServerOf(folder: string, pid: string): boolean {
  return readLink(`/proc/${pid}/cwd`) === folder && readLink(`/proc/${pid}/fd/1`) === join(folder, SERVER_LOG);
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Those that are still there and can only be a server's. */
function foldersOf(entries: readonly EstateEntry[]): string[] {
  return entries
    .filter((entry) => entry.kind === 'folder')
    .filter(({ name }) => basename(name) === name && FOLDER_NAME.test(name))
    .map(({ root, name }) => join(root, name))
    .filter(isOwnFolder);
}

function isOwnFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === process.getuid?.();
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadlineNs = systemClock.nowNs() + msToNs(timeoutMs);
  while (!condition() && systemClock.nowNs() < deadlineNs) await sleep(POLL_MS);
}
