/**
 * What order statistics let expect of N masters, beside what was measured on them.
 *
 * @module
 */
import type { QuorumPrediction } from '../model/comparison.js';
import { decodeHistogram, type LatencySummary } from '../model/histogram.js';
import { masterCount } from '../model/scenario.js';
import { usToNs, type Ns } from '../model/time.js';
import type { ArmRecord } from './arm-runs.js';
import { nodeQuantile } from './order-statistics.js';

const QUANTILES = [0.5, 0.9, 0.99];
/** Records beyond the quantile that a prediction is read from. */
const LEAST_BEYOND = 5;

/**
 * For every arm that has a sibling on one master, or is that sibling: the quantiles that N independent masters would
 * give, if each answered as the single one did. Uncontended keys only: on a contended key waiting for the holder hides the masters.
 */
export function predictQuorums(arms: readonly ArmRecord[]): QuorumPrediction[] {
  return arms.flatMap((arm, index) => {
    const { scenario, levels } = arm.identity;
    const masters = masterCount(scenario);
    if (scenario.keys.kind !== 'uncontended') return [];
    const from = arms.findIndex(
      ({ identity }) => masterCount(identity.scenario) === 1 && agreeButForMasters(identity.levels, levels),
    );
    const single = arms[from]?.service;
    if (single === undefined || !arms.some((other) => isLarger(other, arm))) return [];
    const measured = arm.service;
    const quorum = Math.floor(masters / 2) + 1;
    return QUANTILES.flatMap((quantile): QuorumPrediction[] => {
      const forQuorum = nodeQuantile(quantile, masters, quorum);
      const forAll = nodeQuantile(quantile, masters, masters);
      if (!isStated(single, forAll) || !isStated(measured, quantile)) return [];
      return [
        {
          arm: index,
          from,
          quantile,
          measuredNs: quantileOf(measured, quantile),
          predictedNs: quantileOf(single, forQuorum),
          waitForAllNs: quantileOf(single, forAll),
        },
      ];
    });
  });
}

/** Whether two arms differ in nothing but their masters, and not both have one: one master alone predicts nothing. */
function isLarger({ identity }: ArmRecord, arm: ArmRecord): boolean {
  const most = Math.max(masterCount(identity.scenario), masterCount(arm.identity.scenario));
  return most > 1 && agreeButForMasters(identity.levels, arm.identity.levels);
}

function agreeButForMasters(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).every((factor) => factor === 'masters' || a[factor] === b[factor]);
}

function isStated({ count }: LatencySummary, quantile: number): boolean {
  return count * (1 - quantile) >= LEAST_BEYOND;
}

function quantileOf({ hdr, maxNs }: LatencySummary, quantile: number): Ns {
  return Math.min(usToNs(decodeHistogram(hdr).getValueAtPercentile(quantile * 100)), maxNs);
}
