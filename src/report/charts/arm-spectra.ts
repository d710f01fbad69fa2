/**
 * The spectra of all arms over each other: all responses of all runs of an arm as one distribution.
 *
 * @module
 */
import type { Comparison } from '../../model/comparison.js';
import { formatShare } from '../../model/figure-text.js';
import { totalsOf } from '../arm-figures.js';
import { nameArm } from '../comparison-words.js';
import { shortenWords } from '../figures.js';
import type { Chart } from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { composeSpectrum } from './latency-spectrum.js';

/** A legend on a phone has room for these and the share. */
const NAME_CHARACTERS = 26;

/** One line an arm, with the share of operations that it stands for. */
export function spectraOfArms(comparison: Comparison): Chart {
  const frame = comparisonFrame(comparison, 'latency-spectra', 'Time to acquire, every percentile', [
    'response of all runs of an arm together, without those left out; for the eye, no test is made on it',
    ...comparedLatencyNotes(comparison),
  ]);
  const shortened = comparison.arms.map((arm) => shortenWords(nameArm(arm), NAME_CHARACTERS));
  const isTold = new Set(shortened).size === shortened.length;
  return composeSpectrum(
    frame,
    comparison.arms.map((arm, index) => {
      const { acquired, intended, violatedRuns } = totalsOf(arm);
      const share = intended === 0 ? 'nothing attempted' : `${formatShare(acquired / intended)} acquired`;
      return {
        series: `${isTold ? (shortened[index] ?? '') : nameArm(arm)} (${share})`,
        kind: 'response',
        summary: arm.response,
        isAlarming: violatedRuns > 0,
      };
    }),
    'arm',
  );
}
