/**
 * The distributions of a run as `.hgrm`: text percentile spectra that HdrHistogram's plotters read.
 *
 * @module
 */
import { decodeHistogram } from '../model/histogram.js';
import type { HistogramTag } from '../model/interval.js';
import type { RunResult } from '../model/result.js';
import { msToNs, nsToUs } from '../model/time.js';

const TICKS_PER_HALF_DISTANCE = 5;
/** Histograms hold microseconds; the plotters' axis is in milliseconds. */
export const US_PER_MS = nsToUs(msToNs(1));

/** The text of each distribution that has anything in it, by the name of its file without ending; values in ms. */
export function percentileTexts(result: RunResult): ReadonlyMap<string, string> {
  const { acquire, release, hold, handoff } = result;
  const tagged: Readonly<Record<HistogramTag, { readonly count: number; readonly hdr: string }>> = {
    'acquire.response': acquire.response,
    'acquire.service': acquire.service,
    'acquire.scheduleDelay': acquire.scheduleDelay,
    'acquire.gaveUp': acquire.gaveUp,
    release,
    hold,
    handoff,
  };
  const roundTrips = result.masters.map(
    ({ roundTrip }, index) => [`roundTrip.${String(index + 1)}`, roundTrip] as const,
  );
  return new Map(
    [...Object.entries(tagged), ...roundTrips]
      .filter(([, { count }]) => count > 0)
      .map(([name, { hdr }]) => [
        name,
        // Only the JavaScript class writes these right; the WebAssembly one misplaces decimals.
        decodeHistogram(hdr).outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, US_PER_MS),
      ]),
  );
}
