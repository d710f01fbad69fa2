/**
 * The charts of one run or of several.
 *
 * @module
 */
import type { RunResult } from '../model/result.js';
import { availabilityPerFault } from './charts/availability.js';
import { frameOf, type Chart } from './charts/chart.js';
import { comparedLatencies, comparedRates } from './charts/compared.js';
import { faultMargins, marginNotes, MARGINS_TITLE } from './charts/fault-margins.js';
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
    ...(first.faults.some(({ effectNs }) => effectNs !== null) ? [availabilityPerFault(first)] : []),
    ...marginCharts(first),
    roundTripPerMaster(first),
    roundTripOverTime(first),
  ];
}

/** Nothing to draw where the lock does not tell its votes, or nobody was granted. */
function marginCharts(result: RunResult): Chart[] {
  const margins = result.attempts.margins ?? [];
  const notes = marginNotes(margins);
  return notes.length === 0 ? [] : [faultMargins(frameOf([result], 'fault-margins', MARGINS_TITLE, notes), margins)];
}
