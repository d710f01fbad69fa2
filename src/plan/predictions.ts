/**
 * What order statistics let expect of N masters, beside what was measured on them.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';
import type { QuorumPrediction } from '../model/comparison.js';
import { decodeHistogram, type LatencySummary } from '../model/histogram.js';
import { masterCount } from '../model/scenario.js';
import { usToNs, type Ns } from '../model/time.js';
import type { ArmRecord } from './arm-runs.js';
import { nodeQuantile } from './order-statistics.js';

const QUANTILES = [0.5, 0.9, 0.99];
/** Records of a run beyond the quantile that is read from it; the median over the runs takes the scatter out. */
const LEAST_BEYOND = 1;

/**
 * For every arm that has a sibling on one master, or is that sibling: the quantiles that N independent masters would
 * give, if each answered as the single one did. Uncontended keys only: on a contended key waiting for the holder hides
 * the masters.
 *
 * Computed run by run, then the median: all runs together would take the moods of the machine, which all masters share,
 * for chance of each by itself.
 */
export function predictQuorums(arms: readonly MeasuredArm[]): QuorumPrediction[] {
  return arms.flatMap((arm, index) => {
    const { scenario, levels } = arm.identity;
    const masters = masterCount(scenario);
    if (scenario.keys.kind !== 'uncontended') return [];
    const from = arms.findIndex(
      ({ identity }) => masterCount(identity.scenario) === 1 && agreeButForMasters(identity.levels, levels),
    );
    const single = arms[from];
    if (single === undefined || !arms.some((other) => isLarger(other, arm))) return [];
    const quorum = quorumOf(masters);
    return QUANTILES.flatMap((quantile): QuorumPrediction[] => {
      const measuredNs = medianQuantile(arm.services, quantile);
      const predictedNs = medianQuantile(single.services, nodeQuantile(quantile, masters, quorum));
      const waitForAllNs = medianQuantile(single.services, nodeQuantile(quantile, masters, masters));
      if (measuredNs === undefined || predictedNs === undefined || waitForAllNs === undefined) return [];
      return [{ arm: index, from, quantile, measuredNs, predictedNs, waitForAllNs }];
    });
  });
}

type MeasuredArm = Pick<ArmRecord, 'identity' | 'services'>;

/** Whether two arms differ in nothing but their masters, and not both have one: one master alone predicts nothing. */
function isLarger({ identity }: MeasuredArm, arm: MeasuredArm): boolean {
  const most = Math.max(masterCount(identity.scenario), masterCount(arm.identity.scenario));
  return most > 1 && agreeButForMasters(identity.levels, arm.identity.levels);
}

function agreeButForMasters(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).every((factor) => factor === 'masters' || a[factor] === b[factor]);
}

/** The median over the runs of a quantile of each; undefined unless each has records enough to state it. */
function medianQuantile(runs: readonly LatencySummary[], quantile: number): Ns | undefined {
  if (runs.length === 0 || runs.some(({ count }) => count * (1 - quantile) < LEAST_BEYOND)) return undefined;
  const ns = runs
    .map(({ hdr, maxNs }) => Math.min(usToNs(decodeHistogram(hdr).getValueAtPercentile(quantile * 100)), maxNs))
    .sort((a, b) => a - b);
  return ((ns[Math.ceil(ns.length / 2) - 1] ?? NaN) + (ns[Math.floor(ns.length / 2)] ?? NaN)) / 2;
}
