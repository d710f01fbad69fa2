/**
 * Runs of arms as plain data, for tests that need no masters.
 *
 * @module
 */
import { METRIC_NAMES, type ArmRun } from '../model/comparison.js';
import { keyed } from '../model/keyed.js';

/** A run in which everything went well; `rate` sets the metrics that follow from it. */
export function armRun(
  round: number | null,
  changes: Partial<Omit<ArmRun, 'metrics'>> & { rate?: number } = {},
): ArmRun {
  const { rate = 1_000, ...given } = changes;
  return {
    round,
    directory: null,
    runId: `run-${String(round)}`,
    seed: 1,
    health: 'valid',
    isRateLowerBound: false,
    safety: 'none-observed',
    exitCode: 0,
    leftOut: null,
    acquired: rate * 10,
    intended: rate * 10,
    contractCount: 0,
    overruns: 0,
    leakedKeys: 0,
    attempts: rate * 10,
    splitVotes: 0,
    unfinished: 0,
    minPerClient: null,
    maxPerClient: null,
    measuredMs: 10_000,
    otherCores: 0,
    usedCores: 0.5,
    crossed: [],
    metrics: { ...keyed(METRIC_NAMES, () => null), rate, responseP50: 1e9 / rate, responseP99: 3e9 / rate, success: 1 },
    ...given,
  };
}
