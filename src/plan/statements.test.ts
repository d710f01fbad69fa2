import { expect, it } from 'vitest';
import type { Arm, Comparison } from '../model/comparison.js';
import { completeScenario } from '../model/scenario.js';
import { Histogram } from '../model/histogram.js';
import { armRun } from './arm-run.fixture.js';
import { judgePairs } from './judge.js';
import { declareMetrics } from './metrics.js';
import { stateFindings, stateWarnings } from './statements.js';

const metrics = declareMetrics(false, undefined);
const empty = new Histogram().summarizeLatency();

function arm(name: string, rates: readonly number[], changes: Parameters<typeof armRun>[1] = {}): Arm {
  return {
    name,
    levels: { lock: name },
    lock: name,
    isUnsafe: false,
    flaw: null,
    scenario: completeScenario({ lock: name }, 1),
    runs: rates.map((rate, index) => armRun(index + 1, { ...changes, rate })),
    response: empty,
    gaveUp: empty,
  };
}

function judged(arms: readonly Arm[]): Pick<Comparison, 'design' | 'arms' | 'contrasts' | 'metrics'> {
  const [baseline, ...others] = arms;
  const contrasts = others.map((other, index) => ({
    factor: 'lock',
    arm: index + 1,
    baseline: 0,
    effects: judgePairs(metrics, other.runs, baseline?.runs ?? []),
  }));
  return { design: 'interleaved', arms, contrasts, metrics };
}

const RATES = [1_000, 1_100, 950, 1_050, 990, 1_020, 1_010, 970];

it('says what is better, by how much, and what makes no difference', () => {
  const findings = stateFindings(
    judged([
      arm('a', RATES),
      arm(
        'b',
        RATES.map((rate) => rate * 1.25),
      ),
    ]),
  );
  expect(findings[0]).toBe(
    'b against a: acquisitions/s better, 25 % higher (+25 % to +25 %); p50 response better, 20 % lower (−20 % to −20 %); ' +
      'p99 response better, 20 % lower (−20 % to −20 %); share acquired no difference beyond 5 % of the odds.',
  );
  expect(findings.at(-1)).toMatch(/^All of this is about these 16 runs on this machine under this load/);
});

it('writes a large difference as a factor', () => {
  const [finding] = stateFindings(
    judged([
      arm('a', RATES),
      arm(
        'b',
        RATES.map((rate) => rate * 3.1),
      ),
    ]),
  );
  expect(finding).toMatch(/acquisitions\/s better, 3\.10 times \(3\.10 to 3\.10\)/);
});

it('says what the data leave open, and what could not be compared', () => {
  const shaky = RATES.map((rate, index) => rate * (index % 2 === 0 ? 1.3 : 0.8));
  const findings = stateFindings(judged([arm('a', RATES), arm('b', shaky)])).join('\n');
  expect(findings).toMatch(/b against a: the data do not decide acquisitions\/s \(.* to .*\)/);
  const blind = arm('b', RATES);
  const withoutTail = {
    ...blind,
    runs: blind.runs.map((run) => ({ ...run, metrics: { ...run.metrics, responseP99: null } })),
  };
  expect(stateFindings(judged([arm('a', RATES), withoutTail])).join('\n')).toMatch(
    /b against a: p99 response not compared, because too little was acquired/,
  );
});

it('puts a broken promise before every figure', () => {
  const broken = arm('b', RATES, { contractCount: 3 });
  expect(stateFindings(judged([arm('a', RATES), broken]))[0]).toBe(
    'b broke mutual exclusion in 8 of 8 runs (24 overlaps within a promised validity): its figures are not those of a lock.',
  );
});

it('warns of what a reader must know first', () => {
  const [a, b] = [
    arm('a', RATES.slice(0, 5)),
    arm('b', RATES.slice(0, 5), { health: 'suspect', isRateLowerBound: true }),
  ];
  const warnings = stateWarnings(judged([a, { ...b, isUnsafe: true, flaw: 'It excludes nobody.' }]));
  expect(warnings).toEqual([
    'fewer than 8 runs of an arm cannot show a difference with 95 % confidence: use --rounds 8 or more',
    'b is unsafe: It excludes nobody.',
    'b: in 5 of 5 runs the load generator or the machine was the limit, so the rate is a lower bound',
  ]);
  // Crowded, or worn by its collector: no bound of anything.
  expect(stateWarnings(judged([a, arm('c', RATES.slice(0, 5), { health: 'suspect' })])).at(-1)).toBe(
    'c: 5 of 5 runs are suspect: something besides the locks may have shaped the figures, as the runs say',
  );
  expect(stateWarnings({ ...judged([a, b]), design: 'stored' })[0]).toMatch(/^these runs were not interleaved/);
  expect(stateWarnings(judged([arm('a', [100, 200, 300, 400, 500, 600, 700, 800])])).join()).toMatch(
    /a: its rate scatters by ±\d+ % from run to run/,
  );
});

it('warns of nothing when there is nothing to warn of', () => {
  expect(stateWarnings(judged([arm('a', RATES), arm('b', RATES)]))).toEqual([]);
});

it('says once that many contrasts cannot be tested', () => {
  const arms = ['a', 'b', 'c', 'd'].map((name) => arm(name, RATES.slice(0, 1)));
  expect(stateFindings(judged(arms))[0]).toBe(
    'Too few runs for an interval: the figures stand side by side, and nothing is decided.',
  );
  expect(stateFindings(judged(arms))).toHaveLength(2);
});
