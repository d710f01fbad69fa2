/**
 * What a gate decides: on made-up comparisons, and how often it is wrong on runs of a real machine (those of
 * `false-alarms.test.ts`).
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { METRIC_NAMES, type Arm, type ArmRun, type Comparison, type MetricName } from '../model/comparison.js';
import { Histogram } from '../model/histogram.js';
import { keyed } from '../model/keyed.js';
import { randomInteger, seededRandom, type Random } from '../model/random.js';
import { completeScenario } from '../model/scenario.js';
import { armRun } from './arm-run.fixture.js';
import { conclude } from './conclusion.js';
import { BASE, decideGate, HEAD, type GateDecision, type GateRules } from './gate-decision.js';
import { stateGate } from './gate-statements.js';
import { judgePairs, judgeStored } from './judge.js';
import type { MinEffect } from './metrics.js';

const RULES: GateRules = { isStrict: false, cores: { base: 2, head: 2 }, minEffectFrom: new Map(), thresholds: [] };

function armOf(name: string, runs: readonly ArmRun[]): Arm {
  const nothing = new Histogram().summarizeLatency();
  return {
    name,
    levels: { side: name },
    lock: 'redlock',
    isUnsafe: false,
    flaw: null,
    scenario: completeScenario({}, 1),
    runs,
    response: nothing,
    gaveUp: nothing,
  };
}

function compare(
  base: readonly ArmRun[],
  head: readonly ArmRun[],
  { minEffect, ...changes }: Partial<Comparison> & { readonly minEffect?: MinEffect } = {},
): Comparison {
  const design = changes.design ?? 'interleaved';
  return {
    ...conclude({
      title: 'test',
      startedAt: '',
      status: 'complete',
      design,
      seed: 1,
      rounds: 10,
      factors: [],
      records: [armOf(BASE, base), armOf(HEAD, head)].map((arm) => ({
        identity: arm,
        services: [],
        summarize: () => arm,
      })),
      contrasts: [{ factor: 'side', arm: 1, baseline: 0 }],
      judge: design === 'stored' ? judgeStored : judgePairs,
      minEffect,
      remarks: [],
    }),
    ...changes,
  };
}

/** Ten runs that differ a little, by the same steps on both sides in another order. */
function runsAt(rate: number, changes: Partial<ArmRun> = {}, rounds = 10): ArmRun[] {
  return Array.from({ length: rounds }, (_, index) => armRun(index + 1, { rate: rate + index, ...changes }));
}

const decide = (comparison: Comparison, rules: Partial<GateRules> = {}): GateDecision =>
  decideGate(comparison, { ...RULES, ...rules });

describe('decideGate', () => {
  it('passes the same thing twice', () => {
    const comparison = compare(runsAt(1_000), runsAt(1_000));
    const decision = decide(comparison, { isStrict: true });
    expect(decision).toMatchObject({ outcome: 'pass', exitCode: 0, reasons: [], crossed: [] });
    expect(stateGate(comparison, decision)[0]).toBe(
      'Pass: acquisitions/s not worse than 5 %, p50 response not worse than 5 %, p99 response not worse than 10 %, share acquired not worse than 5 % of the odds.',
    );
  });

  it('calls a head that is a fifth slower a regression', () => {
    const comparison = compare(runsAt(1_000), runsAt(800));
    const decision = decide(comparison);
    expect(decision).toMatchObject({ outcome: 'regression', exitCode: 98 });
    expect(decision.metrics.find(({ metric }) => metric === 'responseP50')).toEqual({
      metric: 'responseP50',
      outcome: 'regression',
      minEffect: 0.05,
      minEffectFrom: 'metric',
    });
    expect(stateGate(comparison, decision)[0]).toMatch(
      /^Regression: head is worse than base in acquisitions\/s 20 % lower/,
    );
  });

  it('passes a head that is faster, and names what improved', () => {
    const comparison = compare(runsAt(1_000), runsAt(1_300));
    const decision = decide(comparison, { isStrict: true });
    expect(decision).toMatchObject({ outcome: 'pass', exitCode: 0 });
    expect(stateGate(comparison, decision)[1]).toMatch(/^Improved: acquisitions\/s 30 % higher/);
  });

  it('does not decide on too few rounds, which is 97 only where that is asked for', () => {
    const comparison = compare(runsAt(1_000, {}, 3), runsAt(500, {}, 3), { rounds: 3 });
    expect(decide(comparison)).toMatchObject({ outcome: 'inconclusive', exitCode: 0 });
    const strict = decide(comparison, { isStrict: true });
    expect(strict.exitCode).toBe(97);
    expect(stateGate(comparison, strict)[0]).toMatch(/^Inconclusive: .* is not from this data; too few rounds\.$/);
  });

  it('passes what may be better but is not worse, although the interval is wide', () => {
    const scattered = (around: number): ArmRun[] =>
      Array.from({ length: 10 }, (_, i) => armRun(i + 1, { rate: around * (i % 2 === 0 ? 1.5 : 1) }));
    const comparison = compare(runsAt(1_000), scattered(1_010));
    const rate = comparison.contrasts[0]?.effects.find(({ metric }) => metric === 'rate');
    expect(rate?.low).toBeGreaterThan(0.95);
    expect(rate?.high).toBeGreaterThan(1.3);
    expect(decide(comparison, { isStrict: true })).toMatchObject({ outcome: 'pass', exitCode: 0 });
    // The other way round the same interval excludes nothing bad.
    expect(decide(compare(scattered(1_010), runsAt(1_000))).outcome).not.toBe('pass');
  });

  it('is invalid, and never a regression, when the machine was not quiet', () => {
    const slower = runsAt(500);
    const busy = slower.map((run, index) => ({ ...run, otherCores: index < 6 ? 0.9 : 0 }));
    const decision = decide(compare(runsAt(1_000), busy));
    expect(decision).toMatchObject({ outcome: 'invalid', exitCode: 96 });
    expect(decision.reasons).toEqual([
      'The machine was not quiet: in 6 of 10 runs of head other processes were in the way.',
    ]);
    const half = slower.map((run, index) => ({ ...run, otherCores: index < 5 ? 0.9 : 0 }));
    expect(decide(compare(runsAt(1_000), half)).outcome).toBe('regression');
    const unknown = slower.map((run) => ({ ...run, otherCores: null }));
    expect(decide(compare(runsAt(1_000), unknown)).outcome).toBe('regression');
    expect(decide(compare(runsAt(1_000), busy), { cores: { base: 8, head: 8 } }).outcome).toBe('regression');
    // Each side is judged by its own machine, and not where that is unknown.
    expect(decide(compare(runsAt(1_000), busy), { cores: { base: 2, head: null } }).outcome).toBe('regression');
    expect(decide(compare(busy, runsAt(1_000)), { cores: { base: 8, head: 2 } }).outcome).toBe('pass');
  });

  it('sees one busy process of somebody else on a large machine that is full', () => {
    const spinning = (usedCores: number): ArmRun[] => runsAt(1_000, { otherCores: 0.95, usedCores });
    const cores = { base: 8, head: 8 };
    expect(decide(compare(spinning(6.5), spinning(6.5)), { cores }).outcome).toBe('invalid');
    expect(decide(compare(spinning(2), spinning(2)), { cores }).outcome).toBe('pass');
  });

  it('is invalid when too few rounds are left, and says why they are out', () => {
    const leaveOut = (count: number): ArmRun[] =>
      runsAt(1_000).map((run, index) => (index < count ? { ...run, leftOut: 'invalid', exitCode: 96 } : run));
    expect(decide(compare(runsAt(1_000), leaveOut(2)))).toMatchObject({ outcome: 'pass', exitCode: 0 });
    expect(decide(compare(runsAt(1_000), leaveOut(3)))).toMatchObject({
      outcome: 'invalid',
      exitCode: 96,
      reasons: ['3 runs are left out, which leaves too few to decide: invalid.'],
    });
  });

  it('gives 3 for a violation in any run, before everything else', () => {
    const violated = runsAt(500).map((run, index) =>
      index === 3 ? { ...run, safety: 'violation' as const, contractCount: 2, exitCode: 3 } : run,
    );
    expect(decide(compare(runsAt(1_000), violated))).toMatchObject({ outcome: 'regression', exitCode: 3 });
    expect(decide(compare(violated, runsAt(1_000)))).toMatchObject({ outcome: 'pass', exitCode: 3 });
    const said = compare(runsAt(1_000), violated);
    expect(stateGate(said, decide(said))[0]).toMatch(
      /^Regression: head broke mutual exclusion, and base did not; head is worse than base in /,
    );
  });

  it('calls no regression what both sides broke, and says so', () => {
    const violated = runsAt(1_000, { safety: 'violation', contractCount: 1, exitCode: 3 });
    const comparison = compare(violated, violated);
    const decision = decide(comparison);
    expect(decision).toMatchObject({ outcome: 'pass', exitCode: 3 });
    expect(stateGate(comparison, decision)).toContain(
      'Both base and head broke mutual exclusion, so that is no difference between them.',
    );
  });

  it('takes no exit code from stored runs, which are no part of it', () => {
    const stored = (exitCode: number): ArmRun[] =>
      runsAt(1_000).map((run, index) => ({ ...run, round: null, exitCode: index === 0 ? exitCode : 0 }));
    for (const exitCode of [130, 1, 3]) {
      expect(decide(compare(stored(exitCode), stored(0), { design: 'stored' })).exitCode).toBe(0);
      expect(decide(compare(stored(0), stored(exitCode), { design: 'stored' })).exitCode).toBe(exitCode);
    }
  });

  it('counts no run as made in which it was interrupted', () => {
    const cut = (rounds: number): ArmRun[] =>
      runsAt(1_000, {}, rounds).map((run, index) =>
        index === rounds - 1 ? { ...run, leftOut: 'the run was interrupted', exitCode: 130 } : run,
      );
    const early = decide(compare(runsAt(1_000, {}, 3), cut(3), { status: 'interrupted' }));
    expect(early).toMatchObject({ outcome: 'inconclusive', exitCode: 130, reasons: [] });
    // Where enough were made, those that cannot be used still count.
    const invalid = runsAt(1_000).map((run, index) => ({ ...run, leftOut: index < 3 ? 'invalid' : null }));
    expect(decide(compare(runsAt(1_000), invalid, { status: 'interrupted' })).outcome).toBe('invalid');
    const one = runsAt(1_000, {}, 8).map((run, index) => ({ ...run, leftOut: index < 1 ? 'invalid' : null }));
    expect(decide(compare(runsAt(1_000, {}, 8), one)).reasons).toEqual([
      '1 run is left out, which leaves too few to decide: invalid.',
    ]);
  });

  it('gives 99 for a threshold that head did not meet, and says in how many runs', () => {
    const head = runsAt(1_000, { exitCode: 99, crossed: ['rate>9'] });
    const threshold = { expression: 'rate>9', runs: 10, crossed: 6, value: 8, passed: false };
    const comparison = compare(runsAt(1_000), head);
    const decision = decide(comparison, { thresholds: [threshold] });
    expect(decision).toMatchObject({ outcome: 'pass', crossed: [threshold], exitCode: 99 });
    expect(stateGate(comparison, decision)).toContain('More than half of the runs of head crossed rate>9: 6 of 10.');
    expect(decide(comparison, { thresholds: [{ ...threshold, passed: true }] })).toMatchObject({ exitCode: 0 });
    expect(decide(compare(runsAt(2_000), head), { thresholds: [threshold] }).exitCode).toBe(98);
  });

  it('says 130 when it was interrupted, and 1 when a run crashed', () => {
    expect(decide(compare(runsAt(1_000), runsAt(1_000), { status: 'interrupted' })).exitCode).toBe(130);
    const crashed = runsAt(1_000).map((run, index) =>
      index === 0 ? { ...run, leftOut: 'the run was crashed', exitCode: 1 } : run,
    );
    expect(decide(compare(runsAt(1_000), crashed))).toMatchObject({ outcome: 'pass', exitCode: 1 });
  });

  it('decides nothing on what was not compared', () => {
    const unmeasured = runsAt(1_000).map((run) => ({ ...run, metrics: { ...run.metrics, responseP99: null } }));
    const comparison = compare(unmeasured, unmeasured);
    expect(decide(comparison, { isStrict: true })).toMatchObject({ outcome: 'inconclusive', exitCode: 97 });
  });

  it('does not decide on the rate of an open loop, which the schedule sets', () => {
    const open = (runs: readonly ArmRun[]): Arm => ({
      ...armOf(HEAD, runs),
      scenario: completeScenario({ ratePerSecond: 5 }, 1),
    });
    const slower = runsAt(1_000).map((run) => ({ ...run, metrics: { ...run.metrics, rate: 500 } }));
    const arms = [{ ...open(runsAt(1_000)), name: BASE }, open(slower)];
    const comparison = conclude({
      title: 'test',
      startedAt: '',
      status: 'complete',
      design: 'interleaved',
      seed: 1,
      rounds: 10,
      factors: [],
      records: arms.map((arm) => ({ identity: arm, services: [], summarize: () => arm })),
      contrasts: [{ factor: 'side', arm: 1, baseline: 0 }],
      judge: judgePairs,
      minEffect: undefined,
      remarks: [],
    });
    expect(decide(comparison, { isStrict: true }).outcome).toBe('pass');
  });

  it('judges stored runs without pairs, of which five on either side are enough', () => {
    const stored = (rate: number, rounds: number): ArmRun[] =>
      runsAt(rate, {}, rounds).map((run) => ({ ...run, round: null }));
    expect(decide(compare(stored(1_000, 8), runsAt(800, {}, 8), { design: 'stored' })).exitCode).toBe(98);
    expect(decide(compare(stored(1_000, 8), runsAt(1_000, {}, 8), { design: 'stored' })).exitCode).toBe(0);
  });
});

type MeasuredRun = Readonly<Record<'rate' | 'responseP50' | 'responseP99' | 'success', number>>;
type MeasuredArms = Readonly<Record<'lock' | 'sameLock' | 'slowedLock', readonly MeasuredRun[]>>;

const GATES = 400;

describe('a gate over resamples of runs of a real machine', () => {
  let arms: MeasuredArms;

  beforeAll(async () => {
    const text = await readFile(new URL('measured-runs.fixture.json', import.meta.url), 'utf8');
    ({ arms } = JSON.parse(text) as { arms: MeasuredArms });
  });

  function runsOf(arm: keyof MeasuredArms, rounds: readonly number[]): ArmRun[] {
    return rounds.map((round, index) => ({
      ...armRun(index + 1),
      metrics: { ...keyed(METRIC_NAMES, () => null), ...arms[arm][round] },
    }));
  }

  /** Swaps two arms of one lock in half of the rounds: whatever differs between them then is chance. */
  function swap(random: Random, base: readonly ArmRun[], head: readonly ArmRun[]): [ArmRun[], ArmRun[]] {
    const coins = base.map(() => random.next() < 0.5);
    const pick = (one: readonly ArmRun[], other: readonly ArmRun[]): ArmRun[] =>
      coins.flatMap((isSwapped, index) => (isSwapped ? other : one)[index] ?? []);
    return [pick(base, head), pick(head, base)];
  }

  /** Which share of gates ended with this exit code. */
  function shareOf(exitCode: number, head: 'sameLock' | 'slowedLock', minEffect?: MinEffect): number {
    const random = seededRandom(2);
    let counted = 0;
    for (let gate = 0; gate < GATES; gate++) {
      const rounds = Array.from({ length: 10 }, () => randomInteger(random, arms.lock.length));
      const sides: [ArmRun[], ArmRun[]] = [runsOf('lock', rounds), runsOf(head, rounds)];
      const [ofBase, ofHead] = head === 'sameLock' ? swap(random, ...sides) : sides;
      if (decide(compare(ofBase, ofHead, { minEffect })).exitCode === exitCode) counted++;
    }
    return counted / GATES;
  }

  /** Twice the noise that A/A runs of ten rounds have on that machine, where it is more than the metric's own. */
  const calibrated: ReadonlyMap<MetricName, number> = new Map([
    ['rate', 0.08],
    ['responseP50', 0.08],
    ['responseP99', 0.2],
    ['success', 0.05],
  ]);

  it.each([
    ['as it is', undefined],
    ['with a calibration', calibrated],
  ])('finds the copy that is a fifth slower in at least four of five, %s', (_, minEffect) => {
    expect(shareOf(98, 'slowedLock', minEffect)).toBeGreaterThanOrEqual(0.8);
  });

  it.each([
    ['as it is', undefined],
    ['with a calibration', calibrated],
  ])('calls a lock slower than itself in at most one of twenty, %s', (_, minEffect) => {
    expect(shareOf(98, 'sameLock', minEffect)).toBeLessThanOrEqual(0.05);
  });
});
