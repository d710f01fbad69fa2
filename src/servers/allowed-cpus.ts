/**
 * Which CPUs of the machine this process may use, and whether it may use them fully. Linux only.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Reads a file of /proc or /sys; undefined where it cannot be read. */
export type ReadText = (file: string) => string | undefined;

/** From the files of this machine. */
export const readSystemFile: ReadText = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

/** The numbers of the CPUs that the scheduler may give to this process: taskset and cpusets narrow them; undefined unknown. */
export function findAllowedCpus(read: ReadText): ReadonlySet<number> | undefined {
  const list = /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return undefined;
  const cpus = list.split(',').flatMap((range) => {
    const [first = NaN, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return new Set(cpus);
}

/**
 * Whether a quota of a control group, this process's or one above it, takes the CPU away from it at times: `cpu.max` of
 * version 2, `cpu.cfs_quota_us` of version 1.
 */
export function hasCpuQuota(read: ReadText): boolean {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return groups.some(([, controllers = '', ...group]) => {
    const files = filesUpwards(group.join(':'));
    if (controllers === '') {
      return files('/sys/fs/cgroup', 'cpu.max').some((file) => /^\d/.test(read(file) ?? ''));
    }
    if (!controllers.split(',').includes('cpu')) return false;
    return files(`/sys/fs/cgroup/${controllers}`, 'cpu.cfs_quota_us').some((file) => Number(read(file) ?? '-1') > 0);
  });
}

/** That file of a group and of all above it. */
function filesUpwards(group: string): (root: string, name: string) => string[] {
  return (root, name) => {
    const parts = path.posix.normalize(`/${group}`).split('/').filter(Boolean);
    return [...parts.keys(), parts.length].map((length) => path.posix.join(root, ...parts.slice(0, length), name));
  };
}
