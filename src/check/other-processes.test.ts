import { describe, expect, it } from 'vitest';
import type { Health, RunResult } from '../model/result.js';
import { openLoopRun } from '../report/sample-runs.fixture.js';
import { isCrowded, otherCoresOf, usedCoresOf } from './other-processes.js';

const result = openLoopRun();

describe('isCrowded', () => {
  it.each([
    ['others beyond a quarter of the cores', { otherCores: 2.1, usedCores: 0.1, cores: 8 }, true],
    ['others at a quarter of the cores', { otherCores: 2, usedCores: 0.1, cores: 8 }, false],
    ['a busy process of somebody else on a full machine', { otherCores: 0.8, usedCores: 2.9, cores: 4 }, true],
    ['the same with room for it', { otherCores: 0.8, usedCores: 2.7, cores: 4 }, false],
    ['less than a busy process on a full machine', { otherCores: 0.7, usedCores: 3.3, cores: 4 }, false],
    ['what nobody could read', { otherCores: null, usedCores: 4, cores: 4 }, false],
  ])('judges %s', (_, inUse, expected) => {
    expect(isCrowded(inUse)).toBe(expected);
  });
});

describe('the cores of a run', () => {
  const health = { ...result.health, generatorCpuSeconds: 6, otherCpuSeconds: 3, cpuSpanSeconds: 12 };

  it('are counted over the span in which the CPU was read, not over the window', () => {
    expect(otherCoresOf(health, 10_000)).toBe(0.25);
    const older: Partial<Health> = { ...health };
    delete (older as { cpuSpanSeconds?: number }).cpuSpanSeconds;
    expect(otherCoresOf(older as Health, 10_000)).toBe(0.3);
    expect(otherCoresOf(older as Health)).toBeNull();
    expect(otherCoresOf({ ...health, otherCpuSeconds: null })).toBeNull();
  });

  it('are those of the generator and of the masters that are on the same machine', () => {
    const [master] = result.masters;
    const masters = ['redis://127.0.0.1:7001', 'redis://10.0.0.1:6379'].map((endpoint) => ({
      ...master!,
      spawned: false,
      endpoint,
      cpuSeconds: 3,
    }));
    const run: Pick<RunResult, 'health' | 'masters' | 'measuredMs'> = { health, masters, measuredMs: 10_000 };
    expect(usedCoresOf(run)).toBe(0.75);
    expect(usedCoresOf({ ...run, masters: masters.map((each) => ({ ...each, spawned: true })) })).toBe(1);
  });
});
