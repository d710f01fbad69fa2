/**
 * What a run must not leave behind, written down before it can be left: the undo journal of spawned servers.
 *
 * A supervisor ends its servers when its run is gone. Should it be killed too, the next start finds its journal and does
 * what it could not. Lines are only ever appended, so whatever ends the writer spoils the last one at most.
 *
 * @module
 */
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../model/errors.js';
import { identifyProcess, type ProcessIdentity } from './process-stat.js';

/** One line of a journal. */
export type EstateEntry =
  | ({
      readonly kind: 'estate';
      readonly supervisor: ProcessIdentity;
      /** Whose servers they are. */
      readonly run: ProcessIdentity;
    } & Machine)
  | { readonly kind: 'folder'; readonly root: string; readonly name: string }
  /** Spawned, or adopted. */
  | { readonly kind: 'process'; readonly process: ProcessIdentity };

/** Ticks and pids mean something within one start of one machine, and within one namespace of pids. */
export interface Machine {
  /** Which machine: several may share a folder of temporary files. */
  readonly machine: string;
  readonly boot: string;
  readonly pidNamespace: string;
}

const OPEN_ATTEMPTS = 5;

/** The supervisor's side: every line is written when the method returns. */
export class EstateJournal {
  readonly #path: string;
  readonly #folder: string;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  /**
   * Begins the journal of this process, whose parent is the run.
   *
   * @returns undefined where there is no /proc, and so no way to know a process or a machine again
   * @throws EnvironmentError when the folder of journals is not this user's alone
   */
  static open(tmpRoot: string): EstateJournal | undefined {
    const supervisor = identifyProcess(process.pid);
    const run = identifyProcess(process.ppid);
    const machine = readMachine();
    if (supervisor === undefined || run === undefined || machine === undefined) return undefined;
    const folder = estatesFolder(tmpRoot);
    const path = join(folder, `${String(supervisor.pid)}-${String(supervisor.startTicks)}.jsonl`);
    const entry: EstateEntry = { kind: 'estate', supervisor, run, ...machine };
    for (let attempt = 1; ; attempt++) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (!isPrivateFolder(folder)) {
        throw new EnvironmentError(
          `${folder}: expected a folder that is yours alone, got one that others may write; remove it`,
        );
      }
      try {
        writeFileSync(path, toLine(entry), { flag: 'wx', mode: 0o600 });
        return new EstateJournal(folder, path);
      } catch (thrown) {
        // Another supervisor that ended may have removed the folder, which was empty, a moment ago.
        if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === OPEN_ATTEMPTS) throw thrown;
      }
    }
  }

  write(entry: EstateEntry): void {
    appendFileSync(this.#path, toLine(entry));
  }

  /** Forgets everything: nothing of it is left. */
  remove(): void {
    rmSync(this.#path, { force: true });
    removeIfEmpty(this.#folder);
  }
}

/** The folder of all journals of this user. */
export function estatesFolder(tmpRoot: string): string {
  return join(tmpRoot, `redlock-bench-estates-${String(process.getuid?.() ?? 0)}`);
}

/** Whether nobody else can have written what is in it: journals name processes that are to be killed. */
export function isPrivateFolder(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/** Reads a journal; lines that are torn or strange are left out. */
export function readEstate(path: string): readonly EstateEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Its supervisor ended in order, just now.
    return [];
  }
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

/** Which start of which machine this is, and who counts its pids; undefined where that cannot be told. */
export function readMachine(): Machine | undefined {
  try {
    return {
      machine: `${readMachineId()} ${hostname()}`,
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
    };
  } catch {
    return undefined;
  }
}

/** Copies of one disk may have the same, so that the name of the host is told as well; a container may have none. */
function readMachineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}

/** Removes a folder with nothing in it; anything else stays. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // ENOTEMPTY: other runs have their journals there. ENOENT: somebody was faster.
  }
}

function toLine(entry: EstateEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

function parseLine(line: string): EstateEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is EstateEntry {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Record<string, unknown>;
  switch (entry['kind']) {
    case 'estate':
      return (
        isIdentity(entry['supervisor']) &&
        isIdentity(entry['run']) &&
        typeof entry['machine'] === 'string' &&
        typeof entry['boot'] === 'string' &&
        typeof entry['pidNamespace'] === 'string'
      );
    case 'folder':
      return typeof entry['root'] === 'string' && typeof entry['name'] === 'string';
    case 'process':
      return isIdentity(entry['process']);
    default:
      return false;
  }
}

function isIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks } = value as Record<string, unknown>;
  // 0 and below mean groups to kill(2).
  return Number.isInteger(pid) && Number(pid) > 0 && Number.isInteger(startTicks);
}
