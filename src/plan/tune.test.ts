import { describe, expect, it } from 'vitest';
import { Histogram } from '../model/histogram.js';
import type { RunResult } from '../model/result.js';
import { UnsupportedError } from '../model/errors.js';
import { completeScenario, type Scenario } from '../model/scenario.js';
import { msToNs } from '../model/time.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import type { TuningPlan } from './tune-plan.js';
import { tune } from './tune.js';
import type { RunPoint } from './tune-sweep.js';

const ROUND_TRIPS = [0.5, 0.5, 1, 30, 80].map((roundTripMs) => ({ roundTripMs, jitterMs: 0 }));

const BASE = completeScenario({ masters: 5, rtt: [ROUND_TRIPS], ratePerSecond: 200 }, 1);

const PLAN: TuningPlan = {
  title: 'tuning',
  base: BASE,
  network: { roundTrips: ROUND_TRIPS, stall: null, failingShare: 0.1, isFailingStated: false },
  targetSuccess: 0.99,
  nodeTimeoutsMs: undefined,
  ttlsMs: undefined,
  retryJittersMs: undefined,
  rounds: 3,
  contenders: 8,
  seed: 7,
};

const signal = new AbortController().signal;

/** Drawn once: what matters here is what is made of the runs. */
const DRAWN = new Map([0.7, 1].map((granted) => [granted, drawRun(granted)]));

function drawRun(granted: number): RunResult {
  const { result } = simulateRun({ scenario: BASE, granted, gaveUpMs: 30, spread: 0.1, perInterval: 100 });
  return {
    ...result,
    masters: answering(
      result,
      ROUND_TRIPS.map(({ roundTripMs }) => roundTripMs),
    ),
  };
}

/** Masters with these round trips; of those without one nothing is reported. */
function answering({ masters }: RunResult, roundTripsMs: readonly number[]): RunResult['masters'] {
  return masters.map((master, place) => {
    const histogram = new Histogram();
    const ms = roundTripsMs[place];
    for (let record = 0; ms !== undefined && record < 1_000; record++) histogram.recordNs(msToNs(ms + 0.4));
    return { ...master, roundTrip: histogram.summarizeLatency() };
  });
}

/** Runs in which a timeout below 31 ms loses the attempts that the fourth master would have won. */
function simulate(scenario: Scenario, changes: Partial<RunResult> = {}): RunResult {
  const granted = scenario.nodeTimeoutMs < 31 && scenario.ratePerSecond !== undefined ? 0.7 : 1;
  return { ...(DRAWN.get(granted) ?? drawRun(granted)), scenario, ...changes };
}

function recording(change: (scenario: Scenario, name: string) => Partial<RunResult> = () => ({})): {
  run: RunPoint;
  made: { scenario: Scenario; directory: string }[];
} {
  const made: { scenario: Scenario; directory: string }[] = [];
  return {
    made,
    run: async (scenario, { directory, name }) => {
      made.push({ scenario, directory });
      return await Promise.resolve(simulate(scenario, change(scenario, name)));
    },
  };
}

/** The fourth master answers 60 % of the time within 32 ms. */
function jittery(result: RunResult): RunResult['masters'] {
  return result.masters.map((master, place) => {
    if (place !== 3) return master;
    const histogram = new Histogram();
    for (let record = 0; record < 1_000; record++) histogram.recordNs(msToNs(record < 600 ? 28 : 36));
    return { ...master, roundTrip: histogram.summarizeLatency() };
  });
}

describe('a tuning', () => {
  it('recommends the shortest timeout that reaches the target, says what it does without, and confirms it', async () => {
    const { run, made } = recording();
    const { report, failure } = await tune(PLAN, run, signal);
    expect(failure).toBeUndefined();
    expect(report).toMatchObject({ kind: 'tuning', status: 'complete', exitCode: 0, violations: [], warnings: [] });
    expect(report.recommendation).toEqual({ nodeTimeoutMs: 32, ttlMs: 10_000, retryDelayMs: 5, retryJitterMs: 45 });
    expect(report.flags).toBe('--node-timeout 32ms --ttl 10s --retry-delay 5ms --retry-jitter 45ms');
    expect(report.statements[0]).toBe(`Recommended for this network: ${report.flags ?? ''}.`);
    expect(report.confirmation?.isConfirmed).toBe(true);
    expect(report.stages.map(({ name, points, recommended }) => [name, points.length, recommended])).toEqual([
      ['node-timeout', 8, 3],
      ['retry', 6, null],
      ['ttl', 0, null],
    ]);
    // (8 timeouts + 6 waits + 2 confirmations) × 3 rounds
    expect(made).toHaveLength(48);
    expect(new Set(made.map(({ directory }) => directory)).size).toBe(48);
  });

  it('says what doing without the far master costs, with an availability that is assumed until it is stated', async () => {
    const { report } = await tune(PLAN, recording().run, signal);
    expect(report.availability).toMatchObject({
      perMaster: 0.99,
      awaited: [1, 2, 3, 4],
      leftOut: [5],
      inTime: [1, 1, 1, 1, 0],
    });
    // Four masters of which three are needed: 4 · 0.99³ · 0.01 + 0.99⁴ = 0.99940797; of five it is 0.9999901494.
    expect(report.statements).toContain(
      'It does not wait for master 5 (80ms away): a quorum of 3 can come from the other 4.',
    );
    expect(report.statements).toContain(
      'What leaving it out costs in availability: with each master up 99.0 % of the time by itself (which is assumed: state how often one fails with --failing to have yours), ' +
        'a quorum is up and answers in time 99.94079 % of the time, and with a timeout that waits for all 5 99.99901 %: 306 minutes a year more without a lock.',
    );
    const stated = { ...PLAN, network: { ...PLAN.network, isFailingStated: true } };
    const { report: told } = await tune(stated, recording().run, signal);
    expect(told.availability).toMatchObject({ perMaster: 0.9, withAwaited: expect.closeTo(0.9477, 10) as number });
    expect(told.statements.join(' ')).toContain('up 90.0 % of the time by itself (as stated)');
  });

  it('counts the answers of a master that come too late now and then by their share', async () => {
    const { run } = recording(() => ({ masters: jittery(drawRun(1)) }));
    const { report } = await tune({ ...PLAN, nodeTimeoutsMs: [32] }, run, signal);
    const { availability } = report;
    expect(availability).toMatchObject({ awaited: [1, 2, 3], leftOut: [4, 5] });
    expect(availability?.inTime[3]).toBeCloseTo(0.6, 2);
    // Three that are needed always, or two of them and the fourth in time: 0.99³ + 3 · 0.99² · 0.01 · 0.6 · 0.99.
    expect(availability?.withAwaited).toBeCloseTo(0.99 ** 3 + 3 * 0.99 ** 2 * 0.01 * 0.99 * 0.6, 4);
    expect(report.statements.join(' ')).toContain(
      'master 4 (30ms away, 60.0 % of whose answers come in time), 5 (80ms away)',
    );
  });

  it('takes the stated network, and predicts nothing, of a lock that reports no round trips', async () => {
    const { run } = recording(() => ({ masters: answering(drawRun(1), []) }));
    const { report } = await tune({ ...PLAN, base: { ...BASE, lock: 'redlock5' } }, run, signal);
    expect(report.availability).toMatchObject({ awaited: [1, 2, 3, 4], leftOut: [5] });
    expect(report.stages[0]?.points.every(({ predicted }) => predicted === null)).toBe(true);
    expect(report.statements).toContain(
      'Nothing is predicted: redlock5 does not report round trips; which masters are awaited follows from those that were stated.',
    );
  });

  it('predicts nothing of a lock that is not known to settle at the quorum', async () => {
    const { report } = await tune({ ...PLAN, base: { ...BASE, lock: 'redlock-sequential' } }, recording().run, signal);
    expect(report.stages[0]?.points.every(({ predicted }) => predicted === null)).toBe(true);
    expect(report.statements.join(' ')).toContain('which is not known of redlock-sequential');
  });

  it('refuses to look for unknown round trips with a lock that does not report them', async () => {
    const { run } = recording(() => ({ masters: answering(drawRun(1), []) }));
    const unknown = { ...PLAN, network: { ...PLAN.network, roundTrips: [] } };
    await expect(tune(unknown, run, signal)).rejects.toThrow(/does not report it: state --rtt$/);
  });

  it('ends with 96 when the first look at unknown masters is invalid, and when nothing else is valid', async () => {
    const { health } = simulate(BASE);
    const invalid = { health: { ...health, verdict: 'invalid' } } as const;
    const unknown = { ...PLAN, network: { ...PLAN.network, roundTrips: [] } };
    const { report } = await tune(unknown, recording(() => invalid).run, signal);
    expect(report).toMatchObject({ status: 'complete', exitCode: 96, recommendation: null });
    const piloted = recording((scenario) => (scenario.durationMs === 3_000 ? {} : invalid));
    expect((await tune(unknown, piloted.run, signal)).report.exitCode).toBe(96);
  });

  it('recommends nothing that the lock breaks with, now or when it is run again', async () => {
    const { safety } = simulate(BASE);
    const broken = { safety: { ...safety, verdict: 'violation', contractCount: 1 } } as const;
    const first = await tune(PLAN, recording((_, name) => (name === '32ms' ? broken : {})).run, signal);
    expect(first.report.recommendation?.nodeTimeoutMs).toBe(40);
    expect(first.report.stages[0]?.points[3]?.isOnFrontier).toBe(false);
    for (const which of ['single', 'contended', '5ms+45ms']) {
      const { report } = await tune(PLAN, recording((_, name) => (name === which ? broken : {})).run, signal);
      expect(report).toMatchObject({ exitCode: 3, recommendation: null, flags: null });
      expect(report.confirmation?.isConfirmed ?? false).toBe(which === '5ms+45ms');
      expect(report.stages.map(({ recommended }) => recommended)).toEqual([null, null, null]);
      expect(report.statements.join(' ')).not.toContain('Use --node-timeout');
    }
  });

  it('keeps the places of waits where one is refused', async () => {
    const { run } = recording();
    const refusing: RunPoint = async (scenario, place) => {
      if (place.name === '5ms+45ms') throw new UnsupportedError(['--retry-jitter: expected less']);
      return await run(scenario, place);
    };
    const { report } = await tune(PLAN, refusing, signal);
    const retry = report.stages[1];
    expect(retry?.points[0]).toMatchObject({ runs: 0, leftOut: '--retry-jitter: expected less' });
    expect(retry?.recommended).toBeNull();
    expect(report.flags).toBe('--node-timeout 32ms --ttl 10s');
    expect(report.warnings).toContain('wait before a retry 5ms+45ms is left out: --retry-jitter: expected less');
  });

  it('lays the same faults over all timeouts of a round, others over the next, and none over contended runs', async () => {
    const { run, made } = recording();
    await tune(PLAN, run, signal);
    const texts = (part: string): Set<string> =>
      new Set(
        made.filter(({ directory }) => directory.includes(part)).map(({ scenario }) => JSON.stringify(scenario.faults)),
      );
    expect(texts('node-timeout/runs/round-01').size).toBe(1);
    expect(texts('node-timeout/runs/round-02')).not.toEqual(texts('node-timeout/runs/round-01'));
    expect(texts('retry/')).toEqual(new Set(['[]']));
    expect(texts('confirmation/runs/round-01')).not.toEqual(texts('node-timeout/runs/round-01'));
  });

  it('makes an invalid run once or twice more, and leaves a point out whose runs stay invalid', async () => {
    const { health } = simulate(BASE);
    let isFirst = true;
    const { run, made } = recording((_, name) => {
      const isInvalid = name.startsWith('140ms') || (isFirst && name === '32ms');
      if (name === '32ms') isFirst = false;
      return isInvalid ? { health: { ...health, verdict: 'invalid' } } : {};
    });
    const { report } = await tune(PLAN, run, signal);
    const points = report.stages[0]?.points ?? [];
    expect(points.map(({ runs }) => runs)).toEqual([3, 3, 3, 3, 3, 3, 3, 0]);
    expect(points[3]?.directories.filter((directory) => directory.endsWith('-again'))).toHaveLength(1);
    expect(points[7]?.leftOut).toMatch(/^none of its 3 runs counts: .*invalid/);
    // One that is valid the second time; three that never are, of which the second repeat waits for a run that counts.
    expect(made).toHaveLength(48 + 1 + 6);
    expect(report.warnings).toEqual([
      expect.stringMatching(/^per-node timeout 140ms is left out: none of its 3 runs counts/),
    ]);
  });

  it('recommends nothing, with 96, when no run is valid', async () => {
    const { health } = simulate(BASE);
    const { run } = recording(() => ({ health: { ...health, verdict: 'invalid' } }));
    const { report } = await tune(PLAN, run, signal);
    expect(report).toMatchObject({ exitCode: 96, recommendation: null, flags: null, confirmation: null });
    expect(report.statements[0]).toBe('Not from this data: nothing is recommended.');
    expect(report.stages.map(({ name }) => name)).toEqual(['node-timeout']);
  });

  it('says a violation first, and exits with 3, even if its run is invalid', async () => {
    const { health, safety } = simulate(BASE);
    const broken = { ...safety, verdict: 'violation', contractCount: 2 } as const;
    const { run } = recording((_, name) =>
      name === '82ms' ? { health: { ...health, verdict: 'invalid' }, safety: broken } : {},
    );
    const { report } = await tune(PLAN, run, signal);
    expect(report.exitCode).toBe(3);
    expect(report.violations).toHaveLength(1);
    expect(report.statements[0]).toMatch(/^per-node timeout 82ms broke mutual exclusion in 3 of 3 runs/);
  });

  it('judges what there is when it is interrupted', async () => {
    const controller = new AbortController();
    let runs = 0;
    const { report } = await tune(
      PLAN,
      async (scenario) => {
        if (++runs === 24) controller.abort();
        return await Promise.resolve(simulate(scenario));
      },
      controller.signal,
    );
    expect(report).toMatchObject({ status: 'interrupted', exitCode: 130 });
    expect(report.recommendation).toEqual({ nodeTimeoutMs: 32 });
    expect(report.flags).toBe('--node-timeout 32ms');
    expect(report.statements.at(-1)).toBe(
      'It ended early; not measured: the wait before a retry, the ttl, the recommendation in runs of its own.',
    );
    expect(runs).toBe(24);
  });

  it('passes on what kept it from measuring anything, and reports what ended it later', async () => {
    const failing = (from: number): RunPoint => {
      let runs = 0;
      return async (scenario) => {
        if (++runs > from) throw new Error('no server');
        return await Promise.resolve(simulate(scenario));
      };
    };
    await expect(tune(PLAN, failing(0), signal)).rejects.toThrow('no server');
    const { report, failure } = await tune(PLAN, failing(30), signal);
    expect(failure?.message).toBe('no server');
    expect(report.status).toBe('interrupted');
    expect(report.warnings).toContain('it ended early: no server');
  });

  it('measures the round trips first where nobody stated them', async () => {
    const { run, made } = recording();
    const { report } = await tune(
      { ...PLAN, network: { ...PLAN.network, roundTrips: [], failingShare: 0 } },
      run,
      signal,
    );
    expect(made[0]?.directory).toMatch(/^pilot\//);
    expect(made[0]?.scenario.nodeTimeoutMs).toBe(2_000);
    expect(report.network.roundTrips).toHaveLength(5);
  });

  it('tries ttls where something is held, and recommends one that twice the holds fit into', async () => {
    const { run } = recording();
    const base = { ...BASE, hold: { kind: 'constant', meanMs: 50 } } as const;
    const { report } = await tune({ ...PLAN, base }, run, signal);
    const ttl = report.stages[2];
    expect(ttl?.points.map(({ settings }) => settings.ttlMs)).toEqual([160, 320]);
    expect(ttl?.points.every(({ outlived }) => outlived?.share === 0)).toBe(true);
    // The validity of the drawn runs is that of 10 s, so that the shortest is enough.
    expect(report.recommendation?.ttlMs).toBe(160);
    expect(report.flags).toContain('--ttl 160ms');
  });

  it('recommends no ttl that was just seen to fail, and names those that the guard refused', async () => {
    const { release } = simulate(BASE);
    const lost = { release: { ...release, counts: { ...release.counts, lost: 500 } } };
    const { run } = recording((scenario) => (scenario.allowOverrun ? lost : {}));
    const base = { ...BASE, hold: { kind: 'constant', meanMs: 50 } } as const;
    const { report } = await tune({ ...PLAN, base, ttlsMs: [100, 1_000] }, run, signal);
    expect(report.stages[2]).toMatchObject({ recommended: null, points: [{ settings: { ttlMs: 1_000 } }] });
    expect(report.flags).not.toContain('--ttl');
    expect(report.statements.join(' ')).toMatch(
      /Not tried: --ttl 100ms, because with --node-timeout 32ms .*; the least is 160ms\./,
    );
  });
});
