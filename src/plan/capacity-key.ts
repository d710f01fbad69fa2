/**
 * How often one key can change hands, by what one hold of it is made of, against what was measured.
 *
 * @module
 */
import type { KeyCeiling } from '../model/capacity.js';
import type { KeyChoice } from '../model/scenario.js';
import type { MeasuredStep } from './capacity-step.js';
import { keyCeilingPerSecond } from './queueing.js';

/** Handoffs that must have been seen before their median is one. */
const LEAST_HANDOFFS = 20;

/**
 * The share of the operations that want the most wanted key; undefined where every client has keys of its own.
 *
 * zipf: the first of K ranks has 1 / Σ k^−θ, k = 1 … K.
 */
export function hottestKeyShare(keys: KeyChoice): number | undefined {
  switch (keys.kind) {
    case 'uncontended':
      return undefined;
    case 'single':
      return 1;
    case 'uniform':
      return 1 / keys.keys;
    case 'zipf': {
      let sum = 0;
      for (let rank = keys.keys; rank >= 1; rank--) sum += rank ** -keys.theta;
      return 1 / sum;
    }
    case 'hotspot':
      return Math.max(keys.hotShare, (1 - keys.hotShare) / (keys.keys - 1));
  }
}

/**
 * The ceiling of the most wanted key. Acquire and release are medians of the lightest load; the measured handoff spans
 * from a release to the next grant, both inclusive, so of it only what goes beyond acquire and release counts again.
 *
 * @param valid steps whose figures are those of the masters, of one transport, in any order
 * @returns null for keys that nobody shares, and where nothing was measured
 */
export function findKeyCeiling(keys: KeyChoice, valid: readonly MeasuredStep[]): KeyCeiling | null {
  const keyShare = hottestKeyShare(keys);
  const byRate = valid.toSorted((a, b) => a.step.ratePerSecond - b.step.ratePerSecond);
  const lightest = byRate.find(({ result }) => result.acquire.counts.acquired > 0)?.result;
  if (keyShare === undefined || lightest === undefined) return null;
  const handedOff = byRate.findLast(({ result }) => result.handoff.count >= LEAST_HANDOFFS)?.result;
  const acquireNs = lightest.acquire.service.p50Ns;
  const releaseNs = lightest.release.p50Ns;
  const holdNs = lightest.hold.meanNs;
  const handoffNs = Math.max(0, (handedOff?.handoff.p50Ns ?? 0) - acquireNs - releaseNs);
  return {
    acquireNs,
    holdNs,
    releaseNs,
    handoffNs,
    predictedPerSecond: keyCeilingPerSecond({ acquireNs, holdNs, releaseNs, handoffNs }),
    measuredPerSecond: mostAcquired(byRate, keyShare),
    keyShare,
  };
}

/** Where a step missed, the shares of what was acquired are not those of what was asked: the most wanted key fails first. */
function mostAcquired(steps: readonly MeasuredStep[], keyShare: number): number | null {
  const counting = keyShare === 1 ? steps : steps.filter(({ step }) => step.verdict === 'met');
  const rates = counting.map(({ step }) => step.acquiredPerSecond);
  return rates.length === 0 ? null : Math.max(...rates) * keyShare;
}
