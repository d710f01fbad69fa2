/**
 * The charts of one run or of several.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import type { Chart } from './charts/chart.js';
import { comparedLatencies, comparedRates } from './charts/compared.js';
import { latencySpectrum } from './charts/latency-spectrum.js';
import { acquisitionRate, latencyOverTime, outcomesOverTime } from './charts/over-time.js';
import { roundTripOverTime, roundTripPerMaster } from './charts/round-trips.js';
import { splitVotesOverTime } from './charts/split-votes.js';

/** The charts that answer most come first. */
export function chartsOf(results: readonly RunResult[]): Chart[] {
  const [first] = results;
  if (first === undefined) return [];
  if (results.length > 1) {
    return [comparedRates(results), comparedLatencies(results), latencySpectrum(results), acquisitionRate(results)];
  }
  return [
    latencySpectrum(results),
    acquisitionRate(results),
    latencyOverTime(first),
    outcomesOverTime(first),
    ...(first.series.some((point) => point.splitVotes > 0) ? [splitVotesOverTime(first)] : []),
    roundTripPerMaster(first),
    roundTripOverTime(first),
  ];
}
