import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { otherCpuSeconds, parseBusyTicks, readMachineCpu, sumFamilyTicks } from './machine-cpu.js';
import { readProcessStat } from './process-stat.js';

const reading = (busySeconds: number, familySeconds: number) => ({ busySeconds, familySeconds });

const STAT =
  'cpu  111 22 33 9000 800 4 5 700 60 50\ncpu0 100 20 30 9000 800 4 5 700 60 50\ncpu1 10 2 3 4 5 6 7 8 9 10\ncpu2 1 0 0 4 5 6 7 8 9 10\nctxt 5\n';

it('takes from /proc/stat what ran, and neither idleness, nor interrupts, nor stolen time, nor the guests twice', () => {
  expect(parseBusyTicks(STAT)).toBe(150 + 15 + 1);
});

it('counts the CPUs that this process may use, whatever runs on the others', () => {
  expect(parseBusyTicks(STAT, new Set([1]))).toBe(15);
  expect(parseBusyTicks(STAT, new Set([0, 2]))).toBe(151);
  expect(parseBusyTicks(STAT, new Set([7]))).toBeUndefined();
});

it('reads nothing from what it does not know', () => {
  expect(parseBusyTicks('')).toBeUndefined();
  expect(parseBusyTicks('cpu0 1 2\n')).toBeUndefined();
});

it('adds a process and its descendants up, in whatever order they are listed, and nobody else', () => {
  const processes = [
    { pid: 40, parent: 30, cpuTicks: 1_000 },
    { pid: 10, parent: 1, cpuTicks: 1 },
    { pid: 30, parent: 10, cpuTicks: 100 },
    { pid: 20, parent: 10, cpuTicks: 10 },
    { pid: 1, parent: 0, cpuTicks: 70_000 },
    { pid: 50, parent: 1, cpuTicks: 60_000 },
  ];
  expect(sumFamilyTicks(10, processes)).toBe(1_111);
  expect(sumFamilyTicks(20, processes)).toBe(10);
  expect(sumFamilyTicks(99, processes)).toBe(0);
});

it('gives others what is left of the machine, never less than nothing', () => {
  expect(otherCpuSeconds(reading(100, 10), reading(107, 12))).toBe(5);
  expect(otherCpuSeconds(reading(100, 10), reading(102, 12.02))).toBe(0);
});

it('does not know what it could not read', () => {
  expect(otherCpuSeconds(undefined, reading(1, 1))).toBeNull();
  expect(otherCpuSeconds(reading(1, 1), undefined)).toBeNull();
  // A sandbox whose kernel shows nought for everything.
  expect(otherCpuSeconds(reading(0, 10), reading(0, 12))).toBeNull();
});

it.skipIf(process.platform !== 'linux')(
  'counts a child to its family, while it lives and when it has ended',
  async () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    const before = readMachineCpu()?.familySeconds ?? NaN;
    let seconds = 0;
    while (seconds < 0.2) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seconds = (readProcessStat(child.pid ?? 0)?.cpuTicks ?? 0) / 100;
    }
    expect((readMachineCpu()?.familySeconds ?? NaN) - before).toBeGreaterThan(0.1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((readMachineCpu()?.familySeconds ?? NaN) - before).toBeGreaterThan(0.1);
    expect(readMachineCpu()?.busySeconds).toBeGreaterThan(0.2);
  },
);
