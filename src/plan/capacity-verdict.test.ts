import { expect, it } from 'vitest';
import type { RunResult } from '../model/result.js';
import { msToNs } from '../model/time.js';
import { capacityRun, withHealth } from './capacity.fixture.js';
import { judgeStep } from './capacity-verdict.js';

const OPEN = { ratePerSecond: 1_000 };

/** The same run with these medians, one a second. */
function withMedians(result: RunResult, mediansMs: readonly number[]): RunResult {
  const [point] = result.series;
  if (point === undefined) throw new Error('expected a second');
  return {
    ...result,
    series: mediansMs.map((ms, index) => ({
      ...point,
      atMs: index * 1_000,
      lengthMs: 1_000,
      responseP50Ns: msToNs(ms),
    })),
  };
}

function withCounts(result: RunResult, counts: Partial<RunResult['acquire']['counts']>): RunResult {
  return { ...result, acquire: { ...result.acquire, counts: { ...result.acquire.counts, ...counts } } };
}

it('meets when every rule holds', () => {
  expect(judgeStep(capacityRun(OPEN, true), false)).toMatchObject({ verdict: 'met', reasons: [] });
});

it('misses when a rule is crossed, and says by how much', () => {
  expect(judgeStep(capacityRun(OPEN, false), false)).toMatchObject({
    verdict: 'missed',
    reasons: ['acquire.response: p(99)<10ms: 14.0 ms'],
  });
});

it('misses when starts were dropped, or too many operations never ended, although every rule holds', () => {
  const dropped = judgeStep(withCounts(capacityRun(OPEN, true), { dropped: 3 }), false);
  expect(dropped.verdict).toBe('missed');
  expect(dropped.reasons[0]).toMatch(/^3 of 1\d\d\d starts were dropped/);
  const unfinished = judgeStep(withCounts(capacityRun(OPEN, true), { unfinished: 100 }), false);
  expect(unfinished.verdict).toBe('missed');
  expect(judgeStep(withCounts(capacityRun(OPEN, true), { unfinished: 5 }), false).verdict).toBe('met');
});

it('never takes what the generator shaped for an answer of the masters', () => {
  const result = withHealth(capacityRun(OPEN, false), { verdict: 'invalid', reasons: ['operations began late'] });
  expect(judgeStep(result, true)).toMatchObject({ verdict: 'invalid', reasons: ['operations began late'] });
});

it('does not blame the masters for a miss while a worker was busy and no master was', () => {
  const busy = withHealth(capacityRun(OPEN, false), { eventLoopUtilization: 0.97 });
  const { verdict, reasons } = judgeStep(busy, true);
  expect(verdict).toBe('invalid');
  expect(reasons[0]).toContain('a worker of the load generator was busy 97 % of the time');
  const [first, ...rest] = busy.masters;
  if (first === undefined) throw new Error('expected a master');
  const both = { ...busy, masters: [{ ...first, cpuSeconds: 9.8 }, ...rest] };
  expect(judgeStep(both, true).verdict).toBe('missed');
  expect(judgeStep(withHealth(capacityRun(OPEN, true), { eventLoopUtilization: 0.97 }), true).verdict).toBe('met');
});

it('discards a step that drifts, and judges it by its drift when it has been lengthened enough', () => {
  const rising = withMedians(capacityRun(OPEN, true), [1, 1.5, 2, 2.5, 3]);
  expect(judgeStep(rising, false)).toMatchObject({
    verdict: 'unsettled',
    reasons: ['waits grow by 500 µs each second'],
    drift: { nsPerSecond: 500_000 },
  });
  expect(judgeStep(rising, true)).toMatchObject({ verdict: 'missed', reasons: ['waits grow by 500 µs each second'] });
  const falling = withMedians(capacityRun(OPEN, true), [3, 2.5, 2, 1.5, 1]);
  expect(judgeStep(falling, false)).toMatchObject({
    verdict: 'unsettled',
    reasons: ['waits still shrink by 500 µs each second'],
  });
  expect(judgeStep(falling, true).verdict).toBe('met');
});

it('does not wait for a step that missed to get worse', () => {
  const result = withMedians(capacityRun(OPEN, false), [1, 1.5, 2, 2.5, 3]);
  expect(judgeStep(result, false).verdict).toBe('missed');
  expect(judgeStep(withMedians(capacityRun(OPEN, false), [3, 2.5, 2, 1.5, 1]), false).verdict).toBe('unsettled');
});

it('takes no notice of a drift that is small, brief, or may be chance', () => {
  for (const medians of [
    [1, 1.01, 1.02, 1.03, 1.04],
    [0.1, 0.12, 0.14, 0.16, 0.18],
    [1, 2, 1.5, 3, 2.5],
    [1, 2, 3],
  ]) {
    expect(judgeStep(withMedians(capacityRun(OPEN, true), medians), false).verdict).toBe('met');
  }
});

it('says who made it late: the generator, others, or nobody that was seen', () => {
  const late = capacityRun(OPEN, true);
  const cause = (changes: Partial<RunResult['health']>) =>
    judgeStep(withHealth(late, { verdict: 'invalid', reasons: ['late'], otherCpuSeconds: 0, ...changes }), true).cause;
  expect(cause({ eventLoopUtilization: 0.8 })).toBe('generator');
  expect(cause({ eventLoopUtilization: 0.2 })).toBe('held-up');
  expect(cause({ eventLoopUtilization: 0.8, cpuSpanSeconds: 10, otherCpuSeconds: 9 })).toBe('others');
  const crowded = {
    cpuSpanSeconds: 10,
    otherCpuSeconds: 9,
    reasons: ['late', 'other processes of this machine used 0.9'],
  };
  const { reasons } = judgeStep(withHealth(late, { verdict: 'invalid', ...crowded }), true);
  expect(reasons).toEqual(['other processes used 0.9 of 2 cores', 'late']);
});

it('never takes a miss on a crowded machine for one of the masters, and lets a hit stand', () => {
  const crowded = { cpuSpanSeconds: 10, otherCpuSeconds: 9 };
  expect(judgeStep(withHealth(capacityRun(OPEN, false), crowded), true)).toMatchObject({
    verdict: 'invalid',
    cause: 'others',
    reasons: ['other processes used 0.9 of 2 cores: what was missed may have been missed by them', expect.anything()],
  });
  expect(judgeStep(withHealth(capacityRun(OPEN, true), crowded), true).verdict).toBe('met');
});

it('does not blame a busy generator where nobody knows the CPU of the masters, or the key has no time left', () => {
  const busy = withHealth(capacityRun(OPEN, false), { eventLoopUtilization: 0.97 });
  const untold = { ...busy, masters: busy.masters.map((master) => ({ ...master, cpuSeconds: 0 })) };
  const { verdict, reasons } = judgeStep(untold, true);
  expect(verdict).toBe('missed');
  expect(reasons.at(-1)).toContain('how busy the masters were is not known');
  const ceiling = { acquireNs: 1, holdNs: 1, releaseNs: 1, handoffNs: 0, measuredPerSecond: null, keyShare: 1 };
  expect(judgeStep(busy, true, { ...ceiling, predictedPerSecond: 1_100 }).verdict).toBe('missed');
  expect(judgeStep(busy, true, { ...ceiling, predictedPerSecond: 9_000 }).verdict).toBe('invalid');
});

it('says nothing of the masters when all that failed are rules without data, unless nothing was acquired', () => {
  const run = capacityRun(OPEN, true);
  const [met, success] = run.thresholds;
  if (met === undefined || success === undefined) throw new Error('expected two rules');
  const empty = { ...run, thresholds: [{ ...met, value: null, passed: false }, success] };
  expect(judgeStep(empty, true)).toMatchObject({ verdict: 'invalid', cause: 'no-data' });
  expect(judgeStep(withCounts(empty, { acquired: 0, held: 1_500 }), true).verdict).toBe('missed');
});

it('counts the seconds in which nothing was acquired when it says how fast waits grow', () => {
  const rising = withMedians(capacityRun(OPEN, true), [1, 2, 3, 0, 0, 6, 7]);
  const series = rising.series.map((point, index) =>
    index === 3 || index === 4 ? { ...point, counts: { ...point.counts, acquired: 0 } } : point,
  );
  expect(judgeStep({ ...rising, series }, false).drift?.nsPerSecond).toBe(1_000_000);
});
