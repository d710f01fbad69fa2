/**
 * Who uses the CPU that a run may use: the run with all its processes, or somebody else. Linux only.
 *
 * Only the CPUs on which this process may run are read, so what others do on the rest of a machine, outside of a cpuset or
 * of taskset's mask, is not held against a run that it does not touch. What this process starts inherits its CPUs; masters
 * of somebody else may run elsewhere, and are then taken off although they were not counted. That, interrupts, and
 * processes that ended unseen make others look quieter than they are, never busier.
 *
 * @module
 */
import { findAllowedCpus, hasCpuQuota, readSystemFile } from './allowed-cpus.js';
import { listProcesses, type ProcessStat } from './process-stat.js';

/** CPU so far, in seconds; the difference of two readings says who used it in between. */
export interface MachineCpu {
  /** Of all processes, and of the kernel for them, on the CPUs that this process may use; since the machine started. */
  readonly busySeconds: number;
  /** Of one process and all that descend from it, those included that ended and were waited for. */
  readonly familySeconds: number;
}

/** USER_HZ of proc(5): what the kernel counts in internally may differ, what it shows does not. */
const TICKS_PER_SECOND = 100;

/**
 * Reads both at nearly one instant.
 *
 * @param pid the root of the family
 * @returns undefined where there is no /proc, and under a CPU quota: with a share of its cores taken away, who used the rest
 * of them says nothing of what was left for the run
 */
export function readMachineCpu(pid = process.pid): MachineCpu | undefined {
  const stat = readSystemFile('/proc/stat');
  if (stat === undefined || hasCpuQuota(readSystemFile)) return undefined;
  const busyTicks = parseBusyTicks(stat, findAllowedCpus(readSystemFile));
  if (busyTicks === undefined) return undefined;
  const familyTicks = sumFamilyTicks(pid, listProcesses());
  return { busySeconds: busyTicks / TICKS_PER_SECOND, familySeconds: familyTicks / TICKS_PER_SECOND };
}

/**
 * The CPU that others used between two readings, seconds, never negative.
 *
 * @returns null where a reading is missing, or from a kernel that accounts for nothing, as those of some sandboxes
 */
export function otherCpuSeconds(from: MachineCpu | undefined, to: MachineCpu | undefined): number | null {
  if (from === undefined || to === undefined) return null;
  const busySeconds = to.busySeconds - from.busySeconds;
  const familySeconds = to.familySeconds - from.familySeconds;
  if (busySeconds <= 0 && familySeconds > 0) return null;
  // The machine's total may be sampled where that of a process is exact, so the difference may be a little below nought.
  return Math.max(0, busySeconds - familySeconds);
}

/**
 * Adds up what CPUs did for processes: of their lines in /proc/stat `user`, `nice` and `system`. Not `idle` and `iowait`, in
 * which nobody ran; not `irq` and `softirq`, because a kernel that accounts for them charges what loopback TCP does there
 * to no process, so that a run's own would look like somebody else's; not `steal`, which another machine took; and not the
 * guests', which `user` and `nice` already contain. It errs to the quiet side.
 *
 * @param cpus their numbers; undefined = all
 * @returns undefined when there is no line of any of them
 */
export function parseBusyTicks(stat: string, cpus?: ReadonlySet<number>): number | undefined {
  const lines = [...stat.matchAll(/^cpu(\d+) (\d+) (\d+) (\d+) /gm)];
  const counted = lines.filter(([, cpu]) => cpus === undefined || cpus.has(Number(cpu)));
  if (counted.length === 0) return undefined;
  return counted.reduce((sum, [, , user, nice, system]) => sum + Number(user) + Number(nice) + Number(system), 0);
}

/**
 * Adds up the ticks of a process and of its descendants. A descendant whose parent ended before it is nobody's child any
 * more, and is missed.
 */
export function sumFamilyTicks(
  root: number,
  processes: readonly Pick<ProcessStat, 'pid' | 'parent' | 'cpuTicks'>[],
): number {
  const childrenOf = new Map<number, number[]>();
  const ticksOf = new Map<number, number>();
  for (const { pid, parent, cpuTicks } of processes) {
    ticksOf.set(pid, cpuTicks);
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [pid]);
    else siblings.push(pid);
  }
  let ticks = 0;
  const family = [root];
  for (let pid = family.pop(); pid !== undefined; pid = family.pop()) {
    ticks += ticksOf.get(pid) ?? 0;
    family.push(...(childrenOf.get(pid) ?? []));
  }
  return ticks;
}
