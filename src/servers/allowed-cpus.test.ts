import { describe, expect, it } from 'vitest';
import { findAllowedCpus, hasCpuQuota, type ReadText } from './allowed-cpus.js';

const files =
  (texts: Readonly<Record<string, string>>): ReadText =>
  (file) =>
    texts[file];

describe('findAllowedCpus', () => {
  it('reads single CPUs and ranges', () => {
    const status = 'Name:\tnode\nCpus_allowed:\t13\nCpus_allowed_list:\t0-1,4\nMems_allowed:\t1\n';
    expect(findAllowedCpus(files({ '/proc/self/status': status }))).toEqual(new Set([0, 1, 4]));
  });

  it('does not know without /proc', () => {
    expect(findAllowedCpus(files({}))).toBeUndefined();
  });
});

describe('hasCpuQuota', () => {
  const v2 = { '/proc/self/cgroup': '0::/ours/run\n' };
  const v1 = { '/proc/self/cgroup': '4:memory:/job\n2:cpu,cpuacct:/job\n' };

  it.each([
    ['none at all', {}, false],
    ['a group without a limit', { ...v2, '/sys/fs/cgroup/ours/run/cpu.max': 'max 100000\n' }, false],
    ['a group of its own', { ...v2, '/sys/fs/cgroup/ours/run/cpu.max': '200000 100000\n' }, true],
    ['a group above it', { ...v2, '/sys/fs/cgroup/ours/cpu.max': '50000 100000\n' }, true],
    ['a container, whose group is its root', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '1 2' }, true],
    ['version 1 without a limit', { ...v1, '/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us': '-1\n' }, false],
    ['version 1', { ...v1, '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '50000\n' }, true],
  ])('reads %s', (_, texts, expected) => {
    expect(hasCpuQuota(files(texts))).toBe(expected);
  });
});
