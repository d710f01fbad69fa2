import { expect, it } from 'vitest';
import type { CapacityReport, CapacityStep } from '../model/capacity.js';
import { completeScenario, type Scenario, type ScenarioInput } from '../model/scenario.js';
import type { RunResult } from '../model/result.js';
import { searchCapacity, type CapacityPlan, type CapacityStage } from './capacity.js';
import { findHeadroom, warnOfCapacity } from './capacity-statements.js';
import { capacityRun, SLO, withHealth } from './capacity.fixture.js';

function planOf(input: ScenarioInput = {}, changes: Partial<CapacityPlan> = {}): CapacityPlan {
  const scenario = completeScenario({ name: 'test', ...input, ratePerSecond: 100, thresholds: SLO }, 5);
  return {
    title: 'test',
    scenario,
    search: { fromPerSecond: 100, upToPerSecond: 1_000_000, precision: 0.1, confirmations: 3, seed: 40 },
    expectedPerSecond: undefined,
    hasScaling: false,
    ...changes,
  };
}

const never = new AbortController().signal;

/** A stage whose masters serve so many a second. */
function stageOf(run: (scenario: Scenario, number: number) => RunResult | undefined): CapacityStage & {
  readonly scenarios: Scenario[];
  readonly steps: CapacityStep[];
  readonly changes: string[];
} {
  const scenarios: Scenario[] = [];
  const steps: CapacityStep[] = [];
  const changes: string[] = [];
  return {
    scenarios,
    steps,
    changes,
    step: (scenario, { number }) => {
      scenarios.push(scenario);
      return Promise.resolve(run(scenario, number));
    },
    scaling: ({ scenario, clients }) => {
      const result = capacityRun(scenario, true);
      const ratePerSecond = (1_000 * clients) / (1 + 0.05 * (clients - 1) + 0.002 * clients * (clients - 1));
      return Promise.resolve({ ...result, acquire: { ...result.acquire, ratePerSecond } });
    },
    judged: (step) => steps.push(step),
    changed: (sentence) => changes.push(sentence),
  };
}

const serving = (truth: number) => (scenario: Scenario) =>
  capacityRun(scenario, (scenario.ratePerSecond ?? 0) <= truth);

async function search(plan: CapacityPlan, stage: CapacityStage, signal = never): Promise<CapacityReport> {
  return (await searchCapacity(plan, stage, signal)).report;
}

it('finds what the masters serve, tells of every step, and says how many runs confirm it', async () => {
  const stage = stageOf(serving(730));
  const report = await search(planOf({}, { expectedPerSecond: 350 }), stage);
  const { answer, steps } = report;
  if (answer.kind !== 'bracket') throw new Error(`expected a bracket, got ${answer.kind}`);
  expect(answer.meetsPerSecond).toBeLessThanOrEqual(730);
  expect(answer.missesPerSecond).toBeGreaterThan(730);
  expect(answer.missesPerSecond / answer.meetsPerSecond).toBeLessThanOrEqual(1.1);
  expect(answer.confirmed).toEqual({ meets: { agreed: 3, of: 3 }, misses: { agreed: 3, of: 3 } });
  expect(report).toMatchObject({ status: 'complete', exitCode: 0, seed: 40, precision: 0.1, slo: SLO, violations: [] });
  expect(stage.steps).toEqual(steps);
  expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index + 1));
  expect(steps.map(({ seed }) => seed)).toEqual(steps.map((_, index) => 41 + index));
  expect(steps[0]?.directory).toBe('runs/step-01-100');
  expect(report.statements[0]).toBe(
    `These 3 masters serve ${String(answer.meetsPerSecond)} to ${String(answer.missesPerSecond)} operations/s at ${SLO.join(' and ')}, confirmed by 3 of 3 runs at either end.`,
  );
  expect(report.headroom?.share).toBeCloseTo(answer.meetsPerSecond / 350 - 1);
  expect(report.headroom?.sentence).toMatch(/^At the expected 350\/s there is \d+ % of headroom up to \d+\/s\.$/);
});

it('gives slow steps the length that their percentiles need, and never more than four times what was asked', async () => {
  const stage = stageOf(serving(70));
  await search(planOf({ durationMs: 5_000 }), stage);
  const lengths = new Map(stage.scenarios.map(({ ratePerSecond, durationMs }) => [ratePerSecond, durationMs]));
  expect(lengths.get(100)).toBe(10_000);
  expect(lengths.get(50)).toBe(20_000);
});

it('doubles warm-up and length of a step that drifts, at most twice', async () => {
  const drifting = (scenario: Scenario, number: number): RunResult => {
    const result = capacityRun(scenario, true);
    if (number > 3) return serving(300)(scenario);
    return {
      ...result,
      series: result.series.map((point, index) => ({ ...point, responseP50Ns: 3_000_000 - index * 500_000 })),
    };
  };
  const stage = stageOf(drifting);
  const report = await search(planOf({ warmupMs: 500, durationMs: 10_000 }), stage);
  expect(report.steps.slice(0, 3).map(({ verdict }) => verdict)).toEqual(['unsettled', 'unsettled', 'met']);
  expect(stage.scenarios.slice(0, 4).map(({ warmupMs, durationMs }) => [warmupMs, durationMs])).toEqual([
    [500, 10_000],
    [2_000, 20_000],
    [4_000, 40_000],
    [500, 10_000],
  ]);
});

it('answers a generator that is late with workers and then the wire, and finds the limit of the masters', async () => {
  const stage = stageOf((scenario) => {
    const rate = scenario.ratePerSecond ?? 0;
    const isLate = rate > 350 && scenario.transport !== 'wire';
    const result = capacityRun(scenario, rate <= 600);
    return isLate
      ? withHealth(result, { verdict: 'invalid', reasons: ['operations began late'], eventLoopUtilization: 0.95 })
      : result;
  });
  const report = await search(planOf(), stage);
  // Two workers did not help, so one worker goes on.
  expect(report.escalations).toEqual(['the wire transport instead of ioredis from step 5 on']);
  expect(report.answer.kind).toBe('bracket');
  expect(stage.changes).toEqual([
    'the load generator did not keep up at 400/s: trying 2 workers instead of 1',
    'the load generator did not keep up at 400/s: trying the wire transport instead of ioredis',
  ]);
  const invalid = report.steps.filter(({ verdict }) => verdict === 'invalid');
  expect(invalid.map(({ number, workers, transport }) => [number, workers, transport])).toEqual([
    [3, 1, 'ioredis'],
    [4, 2, 'ioredis'],
  ]);
  const confirmations = report.steps.filter(({ purpose }) => purpose === 'confirmation');
  expect(confirmations.every(({ workers, transport }) => workers === 1 && transport === 'wire')).toBe(true);
  expect(report.knee?.ratePerSecond ?? 400).toBeGreaterThanOrEqual(400);
});

it('says at least, with the evidence, when nothing helps the generator', async () => {
  const stage = stageOf((scenario) => {
    const result = capacityRun(scenario, true);
    return (scenario.ratePerSecond ?? 0) > 500
      ? withHealth(result, { verdict: 'invalid', reasons: ['operations began late: 9 ms'], eventLoopUtilization: 0.95 })
      : result;
  });
  const report = await search(planOf(), stage);
  expect(report.answer).toMatchObject({
    kind: 'at-least',
    limit: 'generator',
    confirmed: { meets: { agreed: 3, of: 3 } },
  });
  if (report.answer.kind !== 'at-least') return;
  expect(report.answer.meetsPerSecond).toBeLessThanOrEqual(500);
  expect(report.answer.evidence).toContain('with 1 worker and the ioredis transport: operations began late: 9 ms');
  expect(report.bottleneck.kind).toBe('generator');
  // Every stronger setting was tried once, at the first rate that was refused, and then the first one went on.
  expect(report.escalations).toEqual([
    'at 800/s it was tried to no effect with 2 workers instead of 1, then the wire transport instead of ioredis, then 2 workers instead of 1 and the wire transport instead of ioredis; it stayed at 1 worker and the ioredis transport',
  ]);
  expect(report.warnings).toContain(`the load generator did not keep up: ${report.escalations[0] ?? ''}`);
  expect(report.steps.filter(({ workers, transport }) => workers > 1 || transport === 'wire')).toHaveLength(3);
  expect(report.statements.join(' ').match(/operations began late/g)).toHaveLength(1);
  expect(report.statements[0]).toContain('at least 4');
  expect(report.statements[0]).toContain('the load generator was the limit, not the masters');
  expect(report.exitCode).toBe(0);
});

it('is 96 when no step was valid', async () => {
  const stage = stageOf((scenario) =>
    withHealth(capacityRun(scenario, true), { verdict: 'invalid', reasons: ['late'] }),
  );
  const report = await search(planOf(), stage);
  expect(report.answer.kind).toBe('unknown');
  expect(report.exitCode).toBe(96);
});

it('says below when even one a second misses', async () => {
  const report = await search(planOf(), stageOf(serving(0)));
  expect(report.answer).toEqual({ kind: 'below', missesPerSecond: 1.01, evidence: null });
  expect(report.statements[0]).toContain('less than 1.01 operations/s');
  expect(report.statements[0]).toContain('acquire.response: p(99)<10ms: 14.0 ms');
});

it('stops at the highest rate that is allowed', async () => {
  const plan = planOf();
  const report = await search({ ...plan, search: { ...plan.search, upToPerSecond: 450 } }, stageOf(serving(9_999)));
  expect(report.answer).toMatchObject({ kind: 'at-least', limit: 'highest-rate', meetsPerSecond: 450 });
});

it('puts a violation before everything', async () => {
  const broken = stageOf((scenario) => {
    const result = capacityRun(scenario, (scenario.ratePerSecond ?? 0) <= 300);
    return { ...result, safety: { ...result.safety, verdict: 'violation', contractCount: 2 } };
  });
  const report = await search(planOf(), broken);
  expect(report.exitCode).toBe(3);
  expect(report.statements[0]).toMatch(/^Mutual exclusion was violated in step 1, at 100\/s: 2 overlaps/);
});

it('judges what there is when it is interrupted', async () => {
  const controller = new AbortController();
  const stage = stageOf((scenario, number) => {
    if (number < 5) return serving(500)(scenario);
    controller.abort();
    return { ...capacityRun(scenario, true), status: 'interrupted' };
  });
  const report = await search(planOf(), stage, controller.signal);
  expect(report).toMatchObject({ status: 'interrupted', exitCode: 130, scaling: null });
  expect(report.steps).toHaveLength(4);
  expect(report.answer).toEqual({
    kind: 'bracket',
    meetsPerSecond: 400,
    missesPerSecond: 800,
    confirmed: { meets: { agreed: 0, of: 0 }, misses: { agreed: 0, of: 0 } },
  });
  expect(report.statements[0]).toContain('the search ended before this was narrowed down or confirmed');
});

it('runs a crashed step once more, and ends with what there is when it crashes again', async () => {
  let crashes = 0;
  const once = stageOf((scenario, number) =>
    number === 2 && crashes++ === 0 ? { ...capacityRun(scenario, true), status: 'crashed' } : serving(150)(scenario),
  );
  const afterOne = await search(planOf(), once);
  expect(afterOne.answer.kind).toBe('bracket');
  expect(afterOne.steps.slice(0, 3).map(({ directory }) => directory)).toEqual([
    'runs/step-01-100',
    'runs/step-02-200-again',
    'runs/step-03-137',
  ]);
  const always = stageOf((scenario, number) =>
    number === 2 ? { ...capacityRun(scenario, true), status: 'crashed' } : serving(150)(scenario),
  );
  const { report, failure } = await searchCapacity(planOf(), always, never);
  expect(failure?.message).toContain('step 2: expected a run that lasts to its end, got two that crashed');
  expect(report).toMatchObject({ status: 'interrupted', answer: { kind: 'at-least', limit: 'interrupted' } });
  expect(report.warnings[0]).toContain('the search ended early');
});

it('says what kept lower rates from being tried when all that could be tried missed', async () => {
  const stage = stageOf((scenario) => {
    const isLate = (scenario.ratePerSecond ?? 0) < 100;
    const result = capacityRun(scenario, false);
    return isLate
      ? withHealth(result, { verdict: 'invalid', reasons: ['began late'], eventLoopUtilization: 0.1 })
      : result;
  });
  const report = await search(planOf({}, { expectedPerSecond: 10 }), stage);
  expect(report.answer).toMatchObject({ kind: 'below', missesPerSecond: 100 });
  expect(report.statements[0]).toMatch(
    /less than 100 operations\/s .* Lower rates could not be tried: At .*began late\.$/,
  );
  expect(report.headroom).toMatchObject({ share: null });
  expect(report.headroom?.sentence).toContain('100/s missed the SLO, and no rate below it was found to meet it');
});

it('does not call an end confirmed that no majority confirms, nor a bracket that it lies within sufficient', () => {
  const confirmed = { meets: { agreed: 1, of: 3 } };
  const found = {
    steps: [],
    status: 'complete',
    scaling: null,
    littleDeviation: null,
    slo: SLO,
    escalations: [],
    isUnsafe: false,
  };
  const answer = {
    kind: 'at-least',
    meetsPerSecond: 500,
    confirmed,
    limit: 'highest-rate',
    evidence: 'All met.',
  } as const;
  const bracket = {
    kind: 'bracket',
    meetsPerSecond: 500,
    missesPerSecond: 550,
    confirmed: { meets: { agreed: 0, of: 1 }, misses: { agreed: 0, of: 0 } },
  } as const;
  const material = found as unknown as Parameters<typeof warnOfCapacity>[0];
  expect(warnOfCapacity({ ...material, answer }).join(' ')).toContain('the confirming runs contradict the answer');
  expect(warnOfCapacity({ ...material, answer: bracket, status: 'interrupted' })).toEqual([]);
  const headroom = (rate: number) => findHeadroom({ answer: bracket, steps: [] }, rate);
  expect(headroom(520)?.sentence).toBe(
    'At the expected 520/s the headroom cannot be told from this data: it lies between 500/s, which met the SLO, and 550/s, which missed it.',
  );
  expect(headroom(550)?.sentence).toContain(
    'these masters do not suffice: 550/s missed the SLO, and they serve 500/s within it',
  );
  expect(headroom(400)?.share).toBeCloseTo(0.25);
});

it('repeats a step that others held up, changes nothing for it, and names them as the limit', async () => {
  const stage = stageOf((scenario) => {
    const isCrowded = (scenario.ratePerSecond ?? 0) > 500;
    const result = capacityRun(scenario, !isCrowded);
    return withHealth(result, isCrowded ? { otherCpuSeconds: 12, cpuSpanSeconds: 10, eventLoopUtilization: 0.8 } : {});
  });
  const report = await search(planOf({}, { expectedPerSecond: 900 }), stage);
  expect(report.answer).toMatchObject({ kind: 'at-least', limit: 'others' });
  expect(report.escalations).toEqual([]);
  expect(report.steps.slice(3, 6).map(({ ratePerSecond, verdict, cause }) => [ratePerSecond, verdict, cause])).toEqual(
    [1, 2, 3].map(() => [800, 'invalid', 'others']),
  );
  expect(report.statements[0]).toContain('other processes of this machine were the limit, neither the masters');
  expect(report.statements[1]).toMatch(
    /^What limits: At \d+\/s.*other processes used 1\.2 of 2 cores.*end the others, and run again\.$/,
  );
  expect(report.headroom?.sentence).toMatch(/cannot be told from this data: \d+\/s met the SLO, and no rate beyond it/);
});

it('ends at once where the SLO has nothing to be measured on, and says so', async () => {
  const stage = stageOf((scenario) => {
    const result = capacityRun(scenario, true);
    const [rule, ...others] = result.thresholds;
    return {
      ...result,
      thresholds: rule === undefined ? others : [{ ...rule, value: null, passed: false }, ...others],
    };
  });
  const report = await search(planOf({}, { hasScaling: true, expectedPerSecond: 50 }), stage);
  expect(report).toMatchObject({ status: 'complete', exitCode: 96, answer: { kind: 'unknown' } });
  expect(report.steps).toHaveLength(1);
  expect(report.statements[0]).toContain(
    'The SLO cannot be measured here: at 100/s, acquire.response: p(99)<10ms: there was nothing',
  );
  expect(report.statements[1]).toMatch(/^What limits cannot be told from this data: /);
  expect(report.headroom).toMatchObject({ share: null });
});

it('counts a violation in a run that was interrupted or crashed, even where no step was over', async () => {
  const broken = (scenario: Scenario, status: RunResult['status']): RunResult => {
    const result = capacityRun(scenario, true);
    const history = { operations: 9, holds: 9, contractCount: 4, overruns: 0, grantedExpired: 0, unchecked: 0 };
    return { ...result, status, safety: { ...result.safety, history: { ...history, agreesWithWitness: true } } };
  };
  const cut = await search(
    planOf(),
    stageOf((scenario) => broken(scenario, 'interrupted')),
  );
  expect(cut).toMatchObject({ steps: [], exitCode: 3, status: 'interrupted' });
  expect(cut.statements[0]).toMatch(/^Mutual exclusion was violated in step 1, at 100\/s: 4 overlaps/);
  const crashed = await searchCapacity(
    planOf(),
    stageOf((scenario) => broken(scenario, 'crashed')),
    never,
  );
  expect(crashed.failure?.message).toContain('runs/step-01-100 and runs/step-01-100-again');
  expect(crashed.report.exitCode).toBe(3);
});

it('tells what was acquired of what was offered, and warns of an SLO that does not ask for it', async () => {
  const slo = ['acquire.response: p(99)<10ms'];
  const stage = stageOf((scenario) => {
    const result = capacityRun(scenario, (scenario.ratePerSecond ?? 0) <= 300);
    return { ...result, acquire: { ...result.acquire, successRatio: 0.9 } };
  });
  const plan = planOf();
  const report = await search({ ...plan, scenario: { ...plan.scenario, thresholds: slo } }, stage);
  expect(report.statements[0]).toContain(
    'operations/s at acquire.response: p(99)<10ms, of which 90.0 % acquired their lock',
  );
  expect(report.warnings.join(' ')).toContain('the SLO says nothing of how many must acquire their lock');
  expect((await search(plan, serving300())).warnings.join(' ')).not.toContain('says nothing of how many');
});

const serving300 = () => stageOf(serving(300));

it('says once that short steps show no drift', async () => {
  const plan = planOf({ durationMs: 2_000 });
  const scenario = { ...plan.scenario, thresholds: ['acquire.response: max<10ms'] };
  const report = await search({ ...plan, scenario }, serving300());
  expect(report.warnings.filter((warning) => warning.includes('so few seconds'))).toHaveLength(1);
});

it('throws what the stage throws before anything was measured', async () => {
  const failing = { ...stageOf(() => undefined), step: () => Promise.reject(new Error('no server')) };
  await expect(searchCapacity(planOf(), failing, never)).rejects.toThrow('no server');
});

it('fits the scalability law to a closed loop of every number of clients, twice', async () => {
  const report = await search(planOf({ workers: 2 }, { hasScaling: true }), stageOf(serving(300)));
  expect(report.scaling?.points.map(({ clients }) => clients).sort((a, b) => a - b)).toEqual(
    [1, 2, 4, 8, 16, 32, 64].flatMap((clients) => [clients, clients]),
  );
  expect(report.scaling?.points.every(({ workers, clients }) => workers === Math.min(2, clients))).toBe(true);
  expect(report.scaling?.fit?.sigma.value).toBeCloseTo(0.05, 2);
  expect(report.scaling?.fit?.kappa.value).toBeCloseTo(0.002, 3);
  expect(report.status).toBe('complete');
});

it('fits no point of the closed loop that others or an invalid generator shaped, and tells of runs that were skipped', async () => {
  const stage = stageOf(serving(300));
  const scaling: CapacityStage['scaling'] = async (run) => {
    const result = await stage.scaling(run);
    if (result === undefined || run.clients < 32) return result;
    if (run.clients === 64) return undefined;
    return withHealth(
      { ...result, acquire: { ...result.acquire, ratePerSecond: 1 } },
      { otherCpuSeconds: 12, cpuSpanSeconds: 10 },
    );
  };
  const report = await search(planOf({}, { hasScaling: true }), { ...stage, scaling });
  expect(
    report.scaling?.points.filter(({ limitedBy }) => limitedBy === 'others').map(({ clients }) => clients),
  ).toEqual([32, 32]);
  expect(report.scaling?.fit).toBeNull();
  expect(report.scaling?.refusal).toContain('and there are 5');
  expect(report.warnings.join(' ')).toContain('2 of 14 runs of the closed loop were not made');
  expect(report.warnings.join(' ')).toContain('in 2 of 12 runs of the closed loop other processes were in the way');
});
