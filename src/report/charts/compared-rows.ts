/**
 * Runs as rows of the charts that hold them side by side.
 *
 * @module
 */
import { formatShare } from '../../model/figure-text.js';
import type { RunResult } from '../../model/result.js';
import { nsToMs } from '../../model/time.js';
import { formatQuantile, isSupported } from '../figures.js';
import { nameRuns } from '../run-names.js';
import { describeRate, describeSuccess, warningsOf } from '../verdicts.js';
import type { Row } from './chart.js';

export type ComparedRow = Row & {
  readonly group: string;
  readonly member: string;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly rate: number;
};

/** What a pointer is told of a run. */
export const COMPARED_TOOLTIP = ['run', 'rate per second', 'p50 (ms)', 'p99 (ms)', 'outcome', 'warnings'].map(
  (title) => ({
    field: title,
    type: 'nominal' as const,
    title,
  }),
);

/** One row a run, in the order of the runs. */
export function comparedRows(results: readonly RunResult[]): ComparedRow[] {
  const names = nameRuns(results);
  return results.map((result, index) => {
    const { response, ratePerSecond, successRatio } = result.acquire;
    const name = names[index] ?? { member: '', group: '', label: '' };
    const warnings = warningsOf(result);
    const quantile = (ns: number, share: number): number | null =>
      isSupported(share, response.count) ? nsToMs(ns) : null;
    const p50 = quantile(response.p50Ns, 0.5);
    const p99 = quantile(response.p99Ns, 0.99);
    return {
      group: name.group,
      member: name.member,
      rate: ratePerSecond,
      p50,
      p99,
      rateText: [describeRate(result), ...warnings].join(', '),
      timesText: `p50 ${formatQuantile(response.p50Ns, 0.5, response)}, p99 ${formatQuantile(response.p99Ns, 0.99, response)}`,
      successText: [`${formatShare(successRatio)} acquired`, ...warnings].join(', '),
      run: name.label,
      'rate per second': describeRate(result),
      'p50 (ms)': p50,
      'p99 (ms)': p99,
      outcome: describeSuccess(result),
      warnings: warnings.join(', ') || 'none',
    };
  });
}

/** The names that runs are told apart by within their groups. */
export function membersOf(rows: readonly ComparedRow[]): string[] {
  return [...new Set(rows.map((row) => row.member))];
}
