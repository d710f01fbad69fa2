/**
 * How verdicts look: a colour that reads on white and on black, a shape for those who cannot tell the colours apart.
 *
 * @module
 */
import type { Verdict } from '../../model/comparison.js';

export interface VerdictMark {
  readonly colour: string;
  readonly shape: string;
}

/** In the order of the legend. */
export const VERDICT_MARKS: Readonly<Record<Verdict, VerdictMark>> = {
  better: { colour: '#1f9d5b', shape: 'triangle-up' },
  worse: { colour: '#e0455a', shape: 'triangle-down' },
  'no-difference': { colour: '#4f8fc0', shape: 'square' },
  inconclusive: { colour: '#b87800', shape: 'circle' },
  'not-compared': { colour: '#7d8792', shape: 'cross' },
};
