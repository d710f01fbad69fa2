/**
 * Bencher Metric Format: `{benchmark: {measure: {value, lower_value, upper_value}}}`.
 *
 * Its measures `latency` and `throughput` are built in, in nanoseconds and operations per second; a measure of another name
 * is made when it is first sent. Names are 1,024 characters long at most, those of measures 64.
 * Source: https://bencher.dev/docs/reference/bencher-metric-format
 *
 * @module
 */
import type { Metric } from '../../model/comparison.js';
import type { GateReport } from '../../model/gate.js';
import { headFigures } from './head-figures.js';

/** The head's median, and the middle half of its runs. */
export interface BencherMetric {
  readonly value: number;
  readonly lower_value: number;
  readonly upper_value: number;
}

export type BencherMetrics = Readonly<Record<string, Readonly<Record<string, BencherMetric>>>>;

const MEASURES: Readonly<Record<Metric['unit'], string>> = {
  perSecond: 'throughput',
  ns: 'latency',
  nsPerAcquisition: 'cpu-time',
  count: 'attempts',
  share: 'share',
};

/** What the head measured, for the metrics that decide and have a value. */
export function bencherMetrics(report: GateReport): BencherMetrics {
  return Object.fromEntries(
    headFigures(report).map(({ name, metric, spread: { median, lowerQuartile, upperQuartile } }) => {
      const measured = { value: median, lower_value: lowerQuartile, upper_value: upperQuartile };
      return [name, { [MEASURES[metric.unit]]: measured }];
    }),
  );
}
