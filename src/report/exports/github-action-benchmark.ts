/**
 * The two files of github-action-benchmark: one for its tool `customSmallerIsBetter`, one for `customBiggerIsBetter`.
 *
 * It draws their history; its alert, a ratio to one earlier run, says less than the gate. Format: `name`, `value` and `unit`
 * are required, `range` and `extra` are texts; a range is read when it matches `(\+-|±)\s*\d`. An empty list is refused.
 *
 * @module
 */
import type { Metric } from '../../model/comparison.js';
import type { GateReport } from '../../model/gate.js';
import { nsToMs } from '../../model/time.js';
import { isLowerBound, LOWER_BOUND_NOTE } from '../metric-words.js';
import { headOf } from '../gate-rows.js';
import { describeChange, METRIC_OUTCOME_WORDS } from '../gate-words.js';
import { headFigures } from './head-figures.js';

/** One point of its charts. */
export interface BenchmarkEntry {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** Half of what the middle half of the runs spans. */
  readonly range: string;
  /** Shown beside the point. */
  readonly extra: string;
}

/** The head's medians on what decides, of the metrics of this direction that have a value. */
export function benchmarkEntries(report: GateReport, better: Metric['better']): BenchmarkEntry[] {
  const head = headOf(report.comparison);
  return headFigures(report).flatMap((figure): BenchmarkEntry[] => {
    const { name, metric, effect, gated, spread } = figure;
    if (metric.better !== better) return [];
    const { unit, of } = UNITS[metric.unit];
    return [
      {
        name,
        unit,
        value: round(of(spread.median)),
        range: `± ${String(round(of((spread.upperQuartile - spread.lowerQuartile) / 2)))}`,
        extra: [
          `head over base: ${describeChange(figure)}`,
          `${METRIC_OUTCOME_WORDS[gated.outcome]}, ${String(effect.pairs)} ${report.comparison.design === 'interleaved' ? 'pairs' : 'runs'}`,
          ...(isLowerBound(metric, head?.runs ?? []) ? [LOWER_BOUND_NOTE] : []),
        ].join('\n'),
      },
    ];
  });
}

const UNITS: Readonly<Record<Metric['unit'], { readonly unit: string; readonly of: (value: number) => number }>> = {
  perSecond: { unit: 'ops/s', of: (value) => value },
  ns: { unit: 'ms', of: nsToMs },
  nsPerAcquisition: { unit: 'ms', of: nsToMs },
  count: { unit: 'attempts', of: (value) => value },
  share: { unit: '%', of: (value) => value * 100 },
};

/** More digits than these are noise. */
const DIGITS = 6;

function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
