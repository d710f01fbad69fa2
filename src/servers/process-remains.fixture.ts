import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where the machine's init does not reap orphans, a dead one stays as a zombie.
  return readProcess(pid)?.state !== 'Z';
}

export interface Whereabouts {
  readonly pid: number;
  readonly folder: string;
}

/** The pids and the folders that are still there. */
export function remains(masters: readonly { readonly process: Whereabouts | undefined }[]): (number | string)[] {
  return masters.flatMap(({ process: whereabouts }) => {
    if (whereabouts === undefined) return [];
    const { pid, folder } = whereabouts;
    return [...(isAlive(pid) ? [pid] : []), ...(existsSync(folder) ? [folder] : [])];
  });
}

export interface ProcessEntry {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  /** The process group: what a terminal's Ctrl-C reaches at once. */
  readonly group: number;
}

/** The children of a process, their children and so on. Linux only. */
export function descendantsOf(pid: number): ProcessEntry[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const found: ProcessEntry[] = [];
  for (let parents = [pid]; parents.length > 0;) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

/** Waits until the condition holds. */
export async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 400; waited++) {
    if (condition()) return;
    await sleep(25);
  }
  throw new Error(`expected within 10 s: ${what}`);
}

function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name before stands in brackets and may itself contain any of these characters.
    const [state = '', parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid, state, parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
