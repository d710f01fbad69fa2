/**
 * The figures that runs are compared by, and what a run says of each.
 *
 * @module
 */
import { METRIC_NAMES, type ArmRun, type Metric, type MetricName } from '../model/comparison.js';
import type { LatencySummary } from '../model/histogram.js';
import type { RunResult } from '../model/result.js';
import { msToS, sToNs, type Ns } from '../model/time.js';

/** Records that must lie beyond a percentile before two runs are compared by it. */
const LEAST_BEYOND = 10;

type MetricFacts = Omit<Metric, 'name' | 'isPrimary' | 'minEffect'> & { readonly minEffect: number };

const SMALL = 0.05;
/** Tails scatter more from run to run than middles do. */
const LARGE = 0.1;

const FACTS: Readonly<Record<MetricName, MetricFacts>> = {
  rate: { label: 'acquisitions/s', unit: 'perSecond', better: 'higher', scale: 'ratio', minEffect: SMALL },
  responseP50: { label: 'p50 response', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: SMALL },
  responseP90: { label: 'p90 response', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: SMALL },
  responseP99: { label: 'p99 response', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: LARGE },
  responseP999: { label: 'p99.9 response', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: LARGE },
  success: { label: 'share acquired', unit: 'share', better: 'higher', scale: 'odds', minEffect: SMALL },
  longestWait: { label: 'longest wait', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: LARGE },
  handoffP50: { label: 'p50 handoff', unit: 'ns', better: 'lower', scale: 'ratio', minEffect: SMALL },
  attempts: { label: 'attempts each', unit: 'count', better: 'lower', scale: 'ratio', minEffect: SMALL },
  jain: { label: 'fairness (Jain)', unit: 'share', better: 'higher', scale: 'ratio', minEffect: SMALL },
  generatorCpu: {
    label: 'client CPU each',
    unit: 'nsPerAcquisition',
    better: 'lower',
    scale: 'ratio',
    minEffect: SMALL,
  },
  serverCpu: { label: 'server CPU each', unit: 'nsPerAcquisition', better: 'lower', scale: 'ratio', minEffect: SMALL },
};

/** What is decided on. In an open loop the schedule sets the rate, so there is nothing to decide. */
const PRIMARY = {
  closed: ['rate', 'responseP50', 'responseP99', 'success'],
  open: ['responseP50', 'responseP99', 'success'],
};

/** The smallest difference that matters, as a share: one for all metrics, or one for some; without it each has its own. */
export type MinEffect = number | ReadonlyMap<MetricName, number> | undefined;

/** Declares the metrics of a comparison. */
export function declareMetrics(isOpenLoop: boolean, minEffect: MinEffect): Metric[] {
  const primary = isOpenLoop ? PRIMARY.open : PRIMARY.closed;
  return METRIC_NAMES.map((name) => ({
    name,
    ...FACTS[name],
    isPrimary: primary.includes(name),
    minEffect: (typeof minEffect === 'object' ? minEffect.get(name) : minEffect) ?? FACTS[name].minEffect,
  }));
}

/** What a run says of each metric; null where too little happened to say it. */
export function measureRun(result: RunResult): Record<MetricName, number | null> {
  const { acquire, attempts, fairness, handoff, health } = result;
  const { response, counts } = acquire;
  const perAcquisition = (cpuSeconds: number): number | null =>
    counts.acquired === 0 ? null : sToNs(cpuSeconds) / counts.acquired;
  return {
    rate: acquire.ratePerSecond,
    responseP50: quantileNs(response, 0.5, response.p50Ns),
    responseP90: quantileNs(response, 0.9, response.p90Ns),
    responseP99: quantileNs(response, 0.99, response.p99Ns),
    responseP999: quantileNs(response, 0.999, response.p999Ns),
    success: successOf(result),
    longestWait: positive(Math.max(response.maxNs, acquire.gaveUp.maxNs, acquire.unfinished.oldestNs)),
    handoffP50: quantileNs(handoff, 0.5, handoff.p50Ns),
    attempts: counts.acquired === 0 ? null : attempts.total / counts.acquired,
    jain: fairness === null || counts.acquired === 0 ? null : fairness.jain,
    generatorCpu: perAcquisition(health.generatorCpuSeconds),
    // Nought when the masters could not be asked.
    serverCpu: health.serverCpuSeconds === 0 ? null : perAcquisition(health.serverCpuSeconds),
  };
}

/** Shares closer to none or all than this count as this close: one failure in 20,000. */
const CLOSEST_SHARE = 0.5 / 10_000;

/**
 * A run's value on the scale of differences: the natural logarithm, of the odds where the metric is a share of
 * operations. A rate of nothing counts as half an acquisition in the whole run, so that it has a logarithm, too.
 *
 * The odds do not take half a failure for none, as is usual: the arm with more operations would win without a failure.
 *
 * @returns null where the run has no value
 */
export function logOf({ name, scale }: Metric, { metrics, intended, measuredMs }: ArmRun): number | null {
  const value = metrics[name];
  if (value === null || (scale === 'odds' && intended === 0)) return null;
  if (scale === 'odds') {
    const share = Math.min(Math.max(value, CLOSEST_SHARE), 1 - CLOSEST_SHARE);
    return Math.log(share / (1 - share));
  }
  if (name === 'rate') return Math.log(Math.max(value, 0.5 / msToS(Math.max(1, measuredMs))));
  return value > 0 ? Math.log(value) : null;
}

/**
 * Of what was intended in an open loop; of what ended in a closed one, whose clients still wait when the run ends: they
 * were not refused, and with the same number of clients they would only tell the rate again.
 */
function successOf({ scenario, acquire: { counts, gaveUp, successRatio } }: RunResult): number | null {
  if (scenario.ratePerSecond !== undefined) return successRatio;
  const ended = counts.acquired + gaveUp.count;
  return ended === 0 ? null : counts.acquired / ended;
}

function positive(value: number): number | null {
  return value > 0 ? value : null;
}

function quantileNs({ count }: LatencySummary, share: number, ns: Ns): Ns | null {
  // The hair guards against 1 − 0.9 being a little below 0.1.
  return count * (1 - share) >= LEAST_BEYOND - 1e-6 ? ns : null;
}
