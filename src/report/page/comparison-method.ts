/**
 * How a comparison was decided, in one paragraph.
 *
 * @module
 */
import type { Comparison } from '../../model/comparison.js';
import { formatConfidence, formatPercent } from '../effect-words.js';
import { markup, type Markup } from './markup.js';

/** The rules by which the verdicts came about. */
export function methodSection(comparison: Comparison): Markup {
  const { design, metrics, significance, seed } = comparison;
  const primary = metrics.filter((metric) => metric.isPrimary);
  const smallest = primary.map((metric) => `${formatPercent(metric.minEffect)} for ${metric.label}`).join(', ');
  const pairing =
    design === 'interleaved'
      ? `Every round ran each arm once, in an order drawn anew${seed === null ? '' : ` (seed ${String(seed)})`}; runs of one round are paired. ` +
        'The ratio is the estimate of Hodges and Lehmann over the pairs, its interval inverts the Wilcoxon signed rank test, and p is of that test, two-sided.'
      : 'The runs were made at other times, so there are no pairs. ' +
        'The ratio is the estimate of Hodges and Lehmann over all pairs of runs, its interval inverts the Mann-Whitney test, and p is of that test, two-sided.';
  return markup`<h2>How it was decided</h2><p>The unit of analysis is the run, never the request. ${pairing}
Differences are taken of logarithms; of a share, of its odds. Holm's correction counts the primary metrics of a contrast: ${primary.map((metric) => metric.label).join(', ')}.
Better or worse: the ${formatConfidence(comparison)} interval leaves out 1, the corrected p is below ${formatPercent(significance)}, and the ratio is at least the smallest difference that matters (${smallest}).
No difference: the whole interval lies within that. Everything else is inconclusive: neither a difference nor its absence was shown.
The other metrics explain and decide nothing.</p>`;
}
