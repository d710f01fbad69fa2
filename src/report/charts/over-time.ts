/**
 * What happened when: rate, latency and outcomes of each interval.
 *
 * @module
 */
import { formatAmount, formatCount } from '../../model/figure-text.js';
import { OPERATION_STATUSES } from '../../model/operation.js';
import type { RunResult, SeriesPoint } from '../../model/result.js';
import { msToS, nsToMs, type Ns } from '../../model/time.js';
import { isSupported, NONE } from '../figures.js';
import { nameRuns } from '../run-names.js';
import { describeSuccess, isAlarming, OUTCOME_WORDS, warningsOf } from '../verdicts.js';
import { logAxisMs, logTimes } from './axes.js';
import { emptyChart, frameOf, latencyNotes, type Chart, type Layer, type PositionFieldDef, type Row } from './chart.js';
import { faultNotes } from './fault-bands.js';
import { CROWD_COLOUR, crowdNotes, isCrowd, standOut } from './many-series.js';
import { having } from './rows.js';
import { amountFromZero, composeTimeChart, stepLayer } from './time-chart.js';
import { drawnSeries, drawnTogether, hoverLayer, spanS, stepRows, thinningNotes, type TimeLine } from './time-rows.js';

/** Together the lines of many runs have as many steps as a page can carry. */
const STEPS_OF_CROWD = 900;

/** The rate of acquisitions over time, one line for each run. */
export function acquisitionRate(results: readonly RunResult[]): Chart {
  const names = nameRuns(results);
  const drawn = drawnTogether(
    results.map((result) => result.series),
    ...(isCrowd(results.length) ? [Math.max(10, Math.floor(STEPS_OF_CROWD / results.length))] : []),
  );
  const faults = results.length === 1 ? results.flatMap((result) => result.faults) : [];
  const lines = results.map((result, index) => ({
    points: drawn[index]?.points ?? [],
    name: [names[index]?.label ?? '', ...warningsOf(result)].join(', '),
    value: result.acquire.ratePerSecond,
    isAlarming: isAlarming(result),
  }));
  const series = standOut(lines.map(({ name, ...ranked }) => ({ series: name, ...ranked })));
  const frame = frameOf(results, 'acquisition-rate', 'Locks acquired per second', [
    ...(results.length === 1 ? results.map(describeSuccess) : []),
    // A merged rate is the rate over all its intervals, not the worst of them.
    ...(drawn.some(({ merged }) => merged > 1) ? ['each step is the mean of several intervals'] : []),
    ...crowdNotes({
      count: lines.length,
      named: series.length,
      noun: 'run',
      by: 'acquisitions per second',
      where: 'whose rates over the whole run stand in the table, and over time in their result.json',
    }),
    ...faultNotes(faults),
  ]);
  // Not the one with the most points: a run of short intervals may have more of them, and end earlier.
  const longest = lines.reduce<readonly SeriesPoint[]>(
    (latest, { points }) => (endS(points) > endS(latest) ? points : latest),
    [],
  );
  if (longest.length === 0) return emptyChart(frame, 'No interval was recorded.');
  const named = lines.filter(({ name }) => series.includes(name));
  const figures = longest.map((point) =>
    Object.fromEntries(named.map(({ points, name }) => [name, rateAt(points, middleS(point))])),
  );
  const ratesOf = (points: readonly SeriesPoint[]): number[] => points.map((point) => point.ratePerSecond);
  const rows = named.flatMap(({ points, name }) => stepRows(points, [{ name, kind: 'rate', values: ratesOf(points) }]));
  const crowd = lines
    .filter((line) => !named.includes(line))
    .flatMap(({ points }, index) => crowdRows(points, index, ratesOf(points)));
  const y = amountFromZero('locks acquired per second (1/s)', [...rows, ...crowd]);
  return composeTimeChart(frame, {
    points: longest,
    rows: [...rows, ...crowd],
    faults,
    layers: [
      ...(crowd.length === 0 ? [] : [crowdLayer(y)]),
      {
        ...stepLayer(series, ['rate'], y),
        ...(crowd.length === 0 ? {} : { transform: having('series') }),
      },
      hoverLayer(longest, figures, faults),
    ],
  });
}

/** Lines of the crowd carry a number for a name, which would weigh more than all their figures. */
function crowdRows(points: readonly SeriesPoint[], other: number, values: readonly number[]): Row[] {
  return stepRows(points, [{ name: '', kind: '', values }]).map(({ atS = null, value = null }) => ({
    other,
    atS,
    value: typeof value === 'number' ? Number(value.toPrecision(4)) : null,
  }));
}

function crowdLayer(y: PositionFieldDef): Layer {
  return {
    transform: having('other'),
    mark: {
      type: 'line',
      clip: true,
      interpolate: 'step-after',
      strokeWidth: 1,
      color: CROWD_COLOUR,
      opacity: 0.6,
      invalid: 'break-paths-show-domains',
    },
    encoding: { y, detail: { field: 'other', type: 'nominal' } },
  };
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

function endS(points: readonly SeriesPoint[]): number {
  return points.reduce((end, point) => Math.max(end, spanS(point).toS), 0);
}

function middleS(point: SeriesPoint): number {
  const { fromS, toS } = spanS(point);
  return (fromS + toS) / 2;
}

/** By time and not by number: intervals of runs need not be of one length. */
function rateAt(points: readonly SeriesPoint[], atS: number): string {
  const point = points.find((each) => spanS(each).fromS <= atS && atS < spanS(each).toS);
  return point === undefined ? NONE : `${formatAmount(point.ratePerSecond)}/s`;
}

function milliseconds(value: number | null): string {
  return value === null ? NONE : `${String(Number(value.toPrecision(4)))} ms`;
}

function endedIn(point: SeriesPoint): number {
  return Object.values(point.counts).reduce((sum, count) => sum + count, 0);
}
