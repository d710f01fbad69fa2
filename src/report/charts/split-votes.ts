/**
 * What was acquired beside what was split: in a livelock the one is nothing while the other goes on.
 *
 * @module
 */
import { formatAmount, formatCount, formatShare } from '../../model/figure-text.js';
import type { RunResult, SeriesPoint } from '../../model/result.js';
import { msToS } from '../../model/time.js';
import { describeSuccess } from '../verdicts.js';
import { frameOf, type Chart } from './chart.js';
import { faultNotes } from './fault-bands.js';
import { amountFromZero, composeTimeChart, stepLayer } from './time-chart.js';
import { drawnSeries, hoverLayer, stepRows } from './time-rows.js';

const ACQUIRED = 'locks acquired';
const SPLIT = 'split votes';

/** Acquisitions and split votes of each second. */
export function splitVotesOverTime(result: RunResult): Chart {
  const { points, merged } = drawnSeries(result.series);
  const { splitVotes, total } = result.attempts;
  const frame = frameOf([result], 'split-votes', 'Acquired and split votes, second by second', [
    describeSuccess(result),
    ...(total === 0 ? [] : [`${formatShare(splitVotes / total)} of ${formatCount(total)} attempts were split votes`]),
    ...(merged === 1 ? [] : [`each step is the mean of ${String(merged)} intervals`]),
    ...faultNotes(result.faults),
  ]);
  const acquired = points.map((point) => point.ratePerSecond);
  const split = points.map(splitPerSecond);
  const rows = stepRows(points, [
    { name: ACQUIRED, kind: 'rate', values: acquired },
    { name: SPLIT, kind: 'rate', values: split },
  ]);
  const figures = points.map((_, at) => ({
    [ACQUIRED]: `${formatAmount(acquired[at] ?? 0)}/s`,
    [SPLIT]: `${formatAmount(split[at] ?? 0)}/s`,
  }));
  return composeTimeChart(frame, {
    points,
    rows,
    faults: result.faults,
    layers: [
      stepLayer([ACQUIRED, SPLIT], ['rate'], amountFromZero('per second (1/s)', rows)),
      hoverLayer(points, figures, result.faults),
    ],
  });
}

function splitPerSecond({ splitVotes, lengthMs }: SeriesPoint): number {
  return lengthMs === 0 ? 0 : splitVotes / msToS(lengthMs);
}
