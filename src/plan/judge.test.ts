import { expect, it } from 'vitest';
import type { ArmRun, Effect, MetricName } from '../model/comparison.js';
import { armRun } from './arm-run.fixture.js';
import { judgePairs, judgeStored, leastPairs } from './judge.js';
import { declareMetrics } from './metrics.js';

const metrics = declareMetrics(false, undefined);

function arm(rates: readonly number[], isPaired = true): ArmRun[] {
  return rates.map((rate, index) => armRun(isPaired ? index + 1 : null, { rate }));
}

function effectOf(effects: readonly Effect[], metric: MetricName): Effect {
  const found = effects.find((effect) => effect.metric === metric);
  if (found === undefined) throw new Error(metric);
  return found;
}

const DRIFTING = [1_000, 1_300, 800, 1_100, 950, 1_200, 700, 1_050];

it('finds a difference that the drift of the machine would hide from runs that are not paired', () => {
  const slower = DRIFTING.map((rate, index) => rate * (0.8 + 0.01 * (index % 3)));
  const effect = effectOf(judgePairs(metrics, arm(slower), arm(DRIFTING)), 'rate');
  expect(effect).toMatchObject({ pairs: 8, verdict: 'worse' });
  expect(effect.ratio).toBeCloseTo(0.81, 2);
  expect(effect.pValue).toBeCloseTo(2 / 2 ** 8, 10);
  // Holm: three primary metrics have the same p, and success does not differ at all.
  expect(effect.adjustedPValue).toBeCloseTo(4 * (2 / 2 ** 8), 10);
  expect(effectOf(judgeStored(metrics, arm(slower, false), arm(DRIFTING, false)), 'rate').verdict).toBe('inconclusive');
});

it('knows for each metric which direction is better', () => {
  const effects = judgePairs(metrics, arm(DRIFTING.map((rate) => rate * 1.5)), arm(DRIFTING));
  expect(effectOf(effects, 'rate').verdict).toBe('better');
  expect(effectOf(effects, 'responseP50')).toMatchObject({ verdict: 'better' });
  expect(effectOf(effects, 'responseP50').ratio).toBeCloseTo(1 / 1.5, 6);
  expect(effectOf(effects, 'success')).toMatchObject({ verdict: 'no-difference' });
  expect(effectOf(effects, 'handoffP50')).toMatchObject({ verdict: 'not-compared', pairs: 0, ratio: null });
});

it('says that there is no difference only when the whole interval lies within what matters', () => {
  const nearly = DRIFTING.map((rate, index) => rate * (1 + 0.02 * (index % 2 === 0 ? 1 : -1)));
  expect(effectOf(judgePairs(metrics, arm(nearly), arm(DRIFTING)), 'rate').verdict).toBe('no-difference');
  const widely = DRIFTING.map((rate, index) => rate * (1 + 0.2 * (index % 2 === 0 ? 1 : -1)));
  expect(effectOf(judgePairs(metrics, arm(widely), arm(DRIFTING)), 'rate').verdict).toBe('inconclusive');
});

it('leaves a certain difference open that is too small to matter, unless that is certain too', () => {
  const slightly = DRIFTING.map((rate) => rate * 1.03);
  expect(effectOf(judgePairs(metrics, arm(slightly), arm(DRIFTING)), 'rate').verdict).toBe('no-difference');
  const strict = declareMetrics(false, 0.01);
  expect(effectOf(judgePairs(strict, arm(slightly), arm(DRIFTING)), 'rate').verdict).toBe('better');
});

it('decides nothing with five pairs, and has no interval', () => {
  const effect = effectOf(
    judgePairs(metrics, arm([2, 2, 2, 2, 2].map((x) => x * 1_000)), arm(DRIFTING.slice(0, 5))),
    'rate',
  );
  expect(effect).toMatchObject({ pairs: 5, low: null, high: null, verdict: 'inconclusive' });
});

it('drops the pair of a run that is left out, and a round without a partner', () => {
  const out = arm(DRIFTING).map((run) => (run.round === 3 ? { ...run, leftOut: 'invalid' } : run));
  expect(effectOf(judgePairs(metrics, out, arm(DRIFTING.slice(0, 7))), 'rate').pairs).toBe(6);
});

it('compares an arm that acquired nothing by its rate, and says that it has no latency', () => {
  const nothing = DRIFTING.map((_, index) => {
    const run = armRun(index + 1, { acquired: 0, intended: 100, rate: 0 });
    return { ...run, metrics: { ...run.metrics, responseP50: null, responseP99: null, success: 0 } };
  });
  const effects = judgePairs(metrics, nothing, arm(DRIFTING));
  expect(effectOf(effects, 'rate').verdict).toBe('worse');
  expect(effectOf(effects, 'success').verdict).toBe('worse');
  expect(effectOf(effects, 'responseP50').verdict).toBe('not-compared');
});

it('tells stored runs apart when they do not overlap', () => {
  const effect = effectOf(
    judgeStored(
      metrics,
      arm(
        [10, 11, 12, 13].map((x) => x * 100),
        false,
      ),
      arm(
        [5, 6, 7, 8].map((x) => x * 100),
        false,
      ),
    ),
    'rate',
  );
  expect(effect.pValue).toBeCloseTo(2 / 70, 10);
  expect(effect.low).toBeGreaterThan(1);
});

it('knows with how few pairs nothing can be decided', () => {
  const fewest = leastPairs(metrics);
  const verdictOf = (pairs: number): string => {
    const rates = Array.from({ length: pairs }, (_, index) => 1_000 + index);
    return effectOf(judgePairs(metrics, arm(rates.map((rate) => rate * 3)), arm(rates)), 'rate').verdict;
  };
  expect([fewest, verdictOf(fewest - 1), verdictOf(fewest)]).toEqual([8, 'inconclusive', 'better']);
  expect(leastPairs(declareMetrics(true, undefined))).toBe(7);
});
