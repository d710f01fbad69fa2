/**
 * What happened when: rate, latency and outcomes of each interval.
 *
 * @module
 */
import { OPERATION_STATUSES } from '../../model/operation.js';
import type { RunResult, SeriesPoint } from '../../model/result.js';
import { msToS, nsToMs, type Ns } from '../../model/time.js';
import { formatAmount, formatCount, isSupported, NONE } from '../figures.js';
import { nameRuns } from '../run-names.js';
import { describeSuccess, OUTCOME_WORDS, warningsOf } from '../verdicts.js';
import { logAxisMs, logTimes } from './axes.js';
import { emptyChart, frameOf, latencyNotes, type Chart, type Row } from './chart.js';
import { faultNotes } from './fault-bands.js';
import { amountFromZero, composeTimeChart, stepLayer } from './time-chart.js';
import { drawnSeries, hoverLayer, spanS, stepRows, thinningNotes, type TimeLine } from './time-rows.js';

/** The rate of acquisitions over time, one line for each run. */
export function acquisitionRate(results: readonly RunResult[]): Chart {
  const names = nameRuns(results);
  const drawn = results.map((result) => drawnSeries(result.series));
  const faults = results.length === 1 ? results.flatMap((result) => result.faults) : [];
  const frame = frameOf(results, 'acquisition-rate', 'Locks acquired per second', [
    ...(results.length === 1 ? results.map(describeSuccess) : []),
    // A merged rate is the rate over all its intervals, not the worst of them.
    ...(drawn.some(({ merged }) => merged > 1) ? ['each step is the mean of several intervals'] : []),
    ...faultNotes(faults),
  ]);
  const lines = results.map((result, index) => ({
    points: drawn[index]?.points ?? [],
    name: [names[index]?.label ?? '', ...warningsOf(result)].join(', '),
  }));
  const longest = lines.reduce<readonly SeriesPoint[]>(
    (most, { points }) => (points.length > most.length ? points : most),
    [],
  );
  if (longest.length === 0) return emptyChart(frame, 'No interval was recorded.');
  const figures = longest.map((_, at) =>
    Object.fromEntries(lines.map(({ points, name }) => [name, rateAt(points, at)])),
  );
  const series = lines.map(({ name }) => name);
  const rows = lines.flatMap(({ points, name }) =>
    stepRows(points, [{ name, kind: 'rate', values: points.map((point) => point.ratePerSecond) }]),
  );
  return composeTimeChart(frame, {
    points: longest,
    rows,
    faults,
    layers: [
      stepLayer(series, ['rate'], amountFromZero('locks acquired per second (1/s)', rows)),
      hoverLayer(longest, figures, faults),
    ],
  });
}

/** Median and 99th percentile of response and service time over time. */
export function latencyOverTime(result: RunResult): Chart {
  const drawn = drawnSeries(result.series);
  const { points } = drawn;
  const frame = frameOf([result], 'latency-over-time', 'Time to acquire, second by second', [
    describeSuccess(result),
    ...latencyNotes([result]),
    ...(points.some((point) => !isSupported(0.99, point.counts.acquired))
      ? ['p99 is drawn for intervals with at least 100 acquisitions']
      : []),
    ...thinningNotes(drawn),
    ...faultNotes(result.faults),
  ]);
  const lines = latencyLines(points);
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  if (known.length === 0) return emptyChart(frame, 'In no interval were there enough acquisitions for a percentile.');
  const figures = points.map((point, at) => ({
    ...Object.fromEntries(lines.map(({ name, kind, values }) => [`${kind} ${name}`, milliseconds(values[at] ?? null)])),
    acquired: formatCount(point.counts.acquired),
    'not acquired': formatCount(endedIn(point) - point.counts.acquired),
  }));
  const drawnLines = lines.filter(({ values }) => values.some((value) => value !== null));
  return composeTimeChart(frame, {
    points,
    rows: stepRows(points, drawnLines),
    faults: result.faults,
    layers: [
      stepLayer(
        [...new Set(drawnLines.map(({ name }) => name))],
        ['response', 'service'],
        logTimes('value', 'time to acquire (ms)', logAxisMs(known)),
      ),
      hoverLayer(points, figures, result.faults),
    ],
  });
}

/** How the operations of each second ended, stacked. */
export function outcomesOverTime(result: RunResult): Chart {
  const { points } = drawnSeries(result.series);
  const frame = frameOf([result], 'outcomes', 'How operations ended', [
    describeSuccess(result),
    ...faultNotes(result.faults),
  ]);
  const seen = OPERATION_STATUSES.filter((status) => points.some((point) => point.counts[status] > 0));
  if (seen.length === 0) return emptyChart(frame, 'No operation ended within the measured window.');
  const words = seen.map((status) => OUTCOME_WORDS[status]);
  const figures = points.map((point) =>
    Object.fromEntries(seen.map((status) => [OUTCOME_WORDS[status], formatCount(point.counts[status])])),
  );
  const rows = outcomeRows(points, seen);
  return composeTimeChart(frame, {
    points,
    rows,
    faults: result.faults,
    layers: [
      {
        mark: { type: 'area', clip: true, interpolate: 'step-after', opacity: 0.85 },
        encoding: {
          y: amountFromZero('operations ended per second (1/s)', rows),
          y2: { field: 'from' },
          color: {
            field: 'series',
            type: 'nominal',
            // The whole list, so that an outcome has the same colour in every run.
            scale: { domain: OPERATION_STATUSES.map((status) => OUTCOME_WORDS[status]) },
            legend: { columns: 4, values: words, symbolType: 'square' },
          },
        },
      },
      hoverLayer(points, figures, result.faults),
    ],
  });
}

function latencyLines(points: readonly SeriesPoint[]): TimeLine[] {
  const line = (name: string, kind: string, share: number, nsOf: (point: SeriesPoint) => Ns): TimeLine => ({
    name,
    kind,
    values: points.map((point) => (isSupported(share, point.counts.acquired) ? nsToMs(nsOf(point)) : null)),
  });
  return [
    line('p50', 'response', 0.5, (point) => point.responseP50Ns),
    line('p99', 'response', 0.99, (point) => point.responseP99Ns),
    line('p50', 'service', 0.5, (point) => point.serviceP50Ns),
    line('p99', 'service', 0.99, (point) => point.serviceP99Ns),
  ];
}

/** Stacked here and not by Vega, because areas in steps need a second row at the end of the last interval. */
function outcomeRows(points: readonly SeriesPoint[], seen: readonly (typeof OPERATION_STATUSES)[number][]): Row[] {
  return points.flatMap((point, index) => {
    const { fromS, toS } = spanS(point);
    let from = 0;
    return seen.flatMap((status) => {
      const height = point.lengthMs === 0 ? 0 : point.counts[status] / msToS(point.lengthMs);
      const row: Row = { series: OUTCOME_WORDS[status], atS: fromS, from, value: from + height };
      from += height;
      return index === points.length - 1 ? [row, { ...row, atS: toS }] : [row];
    });
  });
}

function rateAt(points: readonly SeriesPoint[], at: number): string {
  const point = points[at];
  return point === undefined ? NONE : `${formatAmount(point.ratePerSecond)}/s`;
}

function milliseconds(value: number | null): string {
  return value === null ? NONE : `${String(Number(value.toPrecision(4)))} ms`;
}

function endedIn(point: SeriesPoint): number {
  return Object.values(point.counts).reduce((sum, count) => sum + count, 0);
}
