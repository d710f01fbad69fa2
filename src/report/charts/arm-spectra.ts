/**
 * The spectra of all arms over each other: all responses of all runs of an arm as one distribution.
 *
 * @module
 */
import type { Comparison } from '../../model/comparison.js';
import { totalsOf } from '../arm-figures.js';
import { nameArm } from '../comparison-words.js';
import { formatShare } from '../figures.js';
import type { Chart } from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { composeSpectrum } from './latency-spectrum.js';

/** One line an arm, with the share of operations that it stands for. */
export function spectraOfArms(comparison: Comparison): Chart {
  const frame = comparisonFrame(comparison, 'latency-spectra', 'Time to acquire, every percentile', [
    'response of all runs of an arm together, without those left out; for the eye, no test is made on it',
    ...comparedLatencyNotes(comparison),
  ]);
  return composeSpectrum(
    frame,
    comparison.arms.map((arm) => {
      const { acquired, intended } = totalsOf(arm);
      const share = intended === 0 ? 'nothing attempted' : `${formatShare(acquired / intended)} acquired`;
      return { series: `${nameArm(arm)} (${share})`, kind: 'response', summary: arm.response };
    }),
  );
}
