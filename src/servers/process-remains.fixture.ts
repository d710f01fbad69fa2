import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcessStat, type ProcessStat } from './process-stat.js';

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Where the machine's init does not reap orphans, a dead one stays as a zombie.
  return readProcessStat(pid)?.state !== 'Z';
}

export interface Whereabouts {
  readonly pid: number;
  readonly folder: string;
}

/** The pids and the folders that are still there. */
export function remains(masters: readonly { readonly server: Whereabouts | undefined }[]): (number | string)[] {
  return masters.flatMap(({ server: whereabouts }) => {
    if (whereabouts === undefined) return [];
    const { pid, folder } = whereabouts;
    return [...(isAlive(pid) ? [pid] : []), ...(existsSync(folder) ? [folder] : [])];
  });
}

/** The children of a process, their children and so on. Linux only. */
export function descendantsOf(pid: number): ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcessStat(Number(name)) ?? []);
  const found: ProcessStat[] = [];
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
