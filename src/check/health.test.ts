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
    expect(judgeHealth({ ...busy, workers: 4 }).reasons[0]).toContain('second machine');
  });

  it('does not mind a busy worker in an open loop that kept its schedule', () => {
    expect(judgeHealth({ ...openLoop, perWorker: [{ ...calm, eventLoopUtilization: 0.97 }] }).verdict).toBe('valid');
  });

  it('suspects a closed loop whose local masters leave it no core', () => {
    const crowded = { ...closedLoop, generatorCpuSeconds: 20, serverCpuSeconds: 19 };
    expect(judgeHealth(crowded).verdict).toBe('suspect');
    expect(judgeHealth({ ...crowded, serversAreLocal: false }).verdict).toBe('valid');
  });

  it('says nothing about the machine when no time was measured, and suspects a lock that throws', () => {
    expect(judgeHealth({ ...closedLoop, cpuSpanSeconds: 0 }).verdict).toBe('valid');
    expect(judgeHealth({ ...closedLoop, adapterThrew: true }).verdict).toBe('suspect');
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
