/**
 * Processes as /proc shows them: which one a pid means now, for pids are given again.
 *
 * Without /proc nothing is found, and so nothing is signalled.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** One process and no other: the pid, and when it was started. Plain data, so that it can be written down. */
export interface ProcessIdentity {
  readonly pid: number;
  /** In ticks since the machine started. */
  readonly startTicks: number;
}

/** What the kernel says of a process. */
export interface ProcessStat extends ProcessIdentity {
  /** One letter: `T` for stopped, `Z` for dead and not reaped. */
  readonly state: string;
  readonly parent: number;
  /** The process group: what a terminal's Ctrl-C reaches at once. */
  readonly group: number;
  readonly session: number;
  /** 0: none. */
  readonly terminal: number;
  /** The process group to which that terminal belongs at this moment; -1 without one. */
  readonly foreground: number;
  /** User and system CPU, in hundredths of a second, with that of its children that ended and were waited for. */
  readonly cpuTicks: number;
}

/** Reads what a pid means now; undefined when there is no such process, or no /proc. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name before stands in brackets and may itself contain any of these characters.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [parent = 0, group = 0, session = 0, terminal = 0, foreground = -1] = fields.map(Number);
    const cpuTicks = fields.slice(CPU_FIELD, CPU_FIELD + 4).reduce((sum, field) => sum + Number(field), 0);
    const startTicks = Number(fields[START_FIELD]);
    return { pid, state, parent, group, session, terminal, foreground, cpuTicks, startTicks };
  } catch {
    return undefined;
  }
}

/** Fields of proc(5); these begin with field 4. `utime`, `stime`, `cutime` and `cstime` stand in a row. */
const CPU_FIELD = 14 - 4;
const START_FIELD = 22 - 4;

/** Every process that can be seen; none without /proc. */
export function listProcesses(): ProcessStat[] {
  try {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => readProcessStat(Number(pid))).filter((stat) => stat !== undefined);
  } catch {
    return [];
  }
}

/** The process of this pid, if there is one. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readProcessStat(pid);
  return stat === undefined || isDead(stat) ? undefined : { pid, startTicks: stat.startTicks };
}

/** Whether that very process still lives; one that is stopped does, a zombie does not. */
export function isSameProcess({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid);
  return stat?.startTicks === startTicks && !isDead(stat);
}

/** Whether a process belongs to the user that asks; false when it is gone. */
export function isOurs(pid: number): boolean {
  try {
    return statSync(`/proc/${String(pid)}`).uid === process.getuid?.();
  } catch {
    return false;
  }
}

/**
 * Ends that very process with SIGKILL, and its group with it where it leads one.
 *
 * @returns whether it lived
 */
export function killSameProcess({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = readProcessStat(pid);
  // Between this look and the signal the pid could only be given again once all others had been: microseconds.
  if (stat?.startTicks !== startTicks || isDead(stat)) return false;
  try {
    process.kill(stat.group === pid ? -pid : pid, 'SIGKILL');
    return true;
  } catch {
    // ESRCH: it ended by itself. EPERM: it is somebody else's by now.
    return false;
  }
}

function isDead({ state }: ProcessStat): boolean {
  return state === 'Z' || state === 'X';
}
