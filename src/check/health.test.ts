import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { judgeHealth, type HealthEvidence } from './health.js';

const calm = {
  eventLoopUtilization: 0.4,
  eventLoopDelay: { p50Ns: 0, p99Ns: msToNs(1), maxNs: msToNs(3) },
  gcShare: 0.01,
};

const openLoop: HealthEvidence = {
  isOpenLoop: true,
  workers: 1,
  killed: 0,
  perWorker: [calm],
  scheduleDelayP99Ns: msToNs(0.5),
  responseP99Ns: msToNs(4),
  intended: 1_000,
  dropped: 0,
  generatorCpuSeconds: 3,
  serverCpuSeconds: 2,
  otherCpuSeconds: 0.2,
  cpuSpanSeconds: 10,
  cores: 4,
  serversAreLocal: true,
  adapterThrew: false,
};

const closedLoop: HealthEvidence = { ...openLoop, isOpenLoop: false, scheduleDelayP99Ns: 0 };

describe('judgeHealth', () => {
  it('finds nothing to object to in a calm run of either kind', () => {
    expect(judgeHealth(openLoop)).toMatchObject({ verdict: 'valid', reasons: [], achievedOverOffered: 1 });
    expect(judgeHealth(closedLoop)).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  it.each([
    ['within 2 ms of a fast lock', 2, 1, 'valid'],
    ['beyond 2 ms of a fast lock', 2.1, 1, 'invalid'],
    ['within a tenth of a slow response', 30, 300, 'valid'],
    ['beyond a tenth of a slow response', 31, 300, 'invalid'],
  ])('judges starts that are late, but %s', (_, delayMs, responseMs, verdict) => {
    const evidence = { ...openLoop, scheduleDelayP99Ns: msToNs(delayMs), responseP99Ns: msToNs(responseMs) };
    expect(judgeHealth(evidence).verdict).toBe(verdict);
  });

  it('calls dropped starts an overload, which counts against the lock and not the generator', () => {
    const health = judgeHealth({ ...openLoop, dropped: 250 });
    expect(health).toMatchObject({ verdict: 'overloaded', achievedOverOffered: 0.75 });
    expect(health.reasons).toEqual([expect.stringContaining('250 of 1000 starts (25.0 %)')]);
  });

  it('puts late starts before drops, because a generator that stalled dropped them itself, and tells both', () => {
    const health = judgeHealth({ ...openLoop, dropped: 250, scheduleDelayP99Ns: msToNs(100) });
    expect(health.verdict).toBe('invalid');
    expect(health.reasons).toHaveLength(2);
  });

  it('suspects a closed loop that saturates its worker, and advises what the machine still has', () => {
    const busy = { ...closedLoop, perWorker: [{ ...calm, eventLoopUtilization: 0.97 }] };
    expect(judgeHealth(busy)).toMatchObject({ verdict: 'suspect', eventLoopUtilization: 0.97 });
    expect(judgeHealth(busy).reasons[0]).toContain('--workers 2');
    expect(judgeHealth(busy).isRateLowerBound).toBe(true);
    expect(judgeHealth({ ...busy, workers: 4 }).reasons[0]).toContain('second machine');
  });

  it('does not mind a busy worker in an open loop that kept its schedule', () => {
    expect(judgeHealth({ ...openLoop, perWorker: [{ ...calm, eventLoopUtilization: 0.97 }] }).verdict).toBe('valid');
  });

  it('suspects a closed loop whose local masters leave it no core', () => {
    const crowded = { ...closedLoop, generatorCpuSeconds: 20, serverCpuSeconds: 19 };
    expect(judgeHealth(crowded)).toMatchObject({ verdict: 'suspect', isRateLowerBound: true });
    expect(judgeHealth({ ...crowded, serversAreLocal: false }).verdict).toBe('valid');
  });

  it('says nothing about the machine when no time was measured, and suspects a lock that throws', () => {
    expect(judgeHealth({ ...closedLoop, cpuSpanSeconds: 0 }).verdict).toBe('valid');
    const thrown = judgeHealth({ ...closedLoop, adapterThrew: true });
    expect(thrown).toMatchObject({ verdict: 'suspect', isRateLowerBound: false });
  });

  it('suspects a run of either kind beside which others used more than a quarter of the cores, in figures', () => {
    const crowded = { otherCpuSeconds: 10.1 };
    for (const run of [openLoop, closedLoop]) {
      expect(judgeHealth({ ...run, ...crowded })).toMatchObject({
        verdict: 'suspect',
        otherCpuSeconds: 10.1,
        cpuSpanSeconds: 10,
        isRateLowerBound: false,
      });
      expect(judgeHealth({ ...run, otherCpuSeconds: 10 })).toMatchObject({ verdict: 'valid', reasons: [] });
    }
    expect(judgeHealth({ ...openLoop, cores: 2, otherCpuSeconds: 10 }).reasons).toEqual([
      'other processes of this machine used 1.0 of its 2 cores (50 %, limit 25 %), which slowed this run down by an ' +
        'unknown amount: end them, or measure on a machine of its own',
    ]);
  });

  it('suspects a run on a full machine of which others used nearly one core, and says so in figures', () => {
    const full = { ...openLoop, generatorCpuSeconds: 16, serverCpuSeconds: 13.2, otherCpuSeconds: 8 };
    expect(judgeHealth(full).reasons).toEqual([
      'other processes of this machine used 0.8 of its 4 cores (limit 0.8 where all together use 90 %, and they used 93 %), ' +
        'which slowed this run down by an unknown amount: end them, or measure on a machine of its own',
    ]);
    // What masters use on another machine fills none of this one.
    expect(judgeHealth({ ...full, serversAreLocal: false }).verdict).toBe('valid');
  });

  it('puts what is stronger before the others, and tells of them all the same', () => {
    const crowded = { ...openLoop, otherCpuSeconds: 20 };
    expect(judgeHealth({ ...crowded, dropped: 1 }).verdict).toBe('overloaded');
    const late = judgeHealth({ ...crowded, scheduleDelayP99Ns: msToNs(100) });
    expect(late.verdict).toBe('invalid');
    expect(late.reasons).toHaveLength(2);
  });

  it('accuses nobody whose CPU it cannot read, nor in no time', () => {
    expect(judgeHealth({ ...openLoop, otherCpuSeconds: null })).toMatchObject({
      verdict: 'valid',
      otherCpuSeconds: null,
    });
    expect(judgeHealth({ ...openLoop, otherCpuSeconds: 0, cpuSpanSeconds: 0 }).verdict).toBe('valid');
  });

  it('does not advise more workers when those there are were idle', () => {
    const late = { ...openLoop, scheduleDelayP99Ns: msToNs(100) };
    expect(judgeHealth(late).reasons[0]).toContain('mostly idle');
  });

  it('shows the busiest worker, not the average one', () => {
    const busy = { ...calm, eventLoopUtilization: 0.8, gcShare: 0.04 };
    expect(judgeHealth({ ...openLoop, workers: 2, perWorker: [calm, busy] })).toMatchObject({
      eventLoopUtilization: 0.8,
      gcShare: 0.04,
    });
  });

  it('suspects a run that lost a worker', () => {
    expect(judgeHealth({ ...openLoop, workers: 2 }).reasons).toEqual([expect.stringContaining('1 of 2 workers died')]);
    expect(judgeHealth({ ...openLoop, workers: 2, killed: 1 }).verdict).toBe('valid');
    expect(judgeHealth({ ...openLoop, workers: 3, killed: 1 }).reasons).toEqual([
      expect.stringContaining('1 of 3 workers died'),
    ]);
  });
});
