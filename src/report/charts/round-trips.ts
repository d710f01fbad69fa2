/**
 * Round trips to each master: how they are spread, and how they moved.
 *
 * @module
 */
import { formatCount, formatThings } from '../../model/figure-text.js';
import { decodeHistogram } from '../../model/histogram.js';
import type { MasterResult, RunResult } from '../../model/result.js';
import { nsToMs, usToNs } from '../../model/time.js';
import { isSupported, NONE, shorten } from '../figures.js';
import { logAxisMs, logTimes } from './axes.js';
import { composeChart, emptyChart, frameOf, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { faultNotes } from './fault-bands.js';
import { composeTimeChart, stepLayer } from './time-chart.js';
import { drawnSeries, hoverLayer, stepRows, thinningNotes } from './time-rows.js';

const LABEL_CHARACTERS = 36;
const ROW_PX = 44;
const SHARES = { p1: 0.01, p25: 0.25, p50: 0.5, p75: 0.75, p99: 0.99 } as const;
/** Both read on white and on black. */
const SPREAD_COLOUR = '#4f8fc0';
const MEDIAN_COLOUR = '#e06000';

/** Names a master by its place and its address, short enough for a legend. */
function masterLabel(master: MasterResult, index: number): string {
  return `${String(index + 1)}  ${shorten(master.endpoint.replace(/^redis:\/\//, ''), LABEL_CHARACTERS)}`;
}

/** The spread of each master's round trip: p1 to p99, the middle half, the median. */
export function roundTripPerMaster(result: RunResult): Chart {
  const frame = frameOf([result], 'round-trips', 'Round trip per master', [
    'write of a SET to its reply: thin line p1 to p99, bar the middle half, tick the median',
  ]);
  const spreads = result.masters.map(spreadOf);
  const known = spreads.flatMap((spread) => Object.values(spread).filter((value) => value !== null));
  if (known.length === 0) return emptyChart(frame, 'No round trip was recorded.');
  const axis = logAxisMs(known);
  const x = (field: string): PositionFieldDef => logTimes(field, 'round trip (ms)', axis);
  const rows = result.masters.map((master, index) => spreadRow(master, index, spreads[index] ?? {}));
  return composeChart(frame, {
    heightPx: ROW_PX * rows.length,
    rows,
    encoding: {
      // The names stand above the bars, because an address is longer than any margin.
      y: { field: 'place', type: 'ordinal', axis: null },
      tooltip: ['endpoint', 'replies', ...Object.keys(SHARES).map(inMs), 'timeouts', 'errors'].map((title) => ({
        field: title,
        type: 'nominal' as const,
        title,
      })),
    },
    layers: [
      {
        mark: { type: 'rule', strokeWidth: 2, clip: true, color: SPREAD_COLOUR, yOffset: 8 },
        encoding: { x: x('p1'), x2: { field: 'p99' } },
      },
      {
        mark: { type: 'bar', size: 14, clip: true, color: SPREAD_COLOUR, yOffset: 8 },
        encoding: { x: x('p25'), x2: { field: 'p75' } },
      },
      {
        mark: { type: 'tick', thickness: 3, size: 22, clip: true, color: MEDIAN_COLOUR, yOffset: 8 },
        encoding: { x: x('p50') },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 4, yOffset: -11, fontSize: 11 },
        encoding: { x: { value: 0 }, text: { field: 'label', type: 'nominal' } },
      },
    ],
  });
}

/** The median round trip of each master over time. */
export function roundTripOverTime(result: RunResult): Chart {
  const drawn = drawnSeries(result.series);
  const { points } = drawn;
  const title = 'Median round trip per master, second by second';
  const frame = frameOf([result], 'round-trips-over-time', title, [
    ...thinningNotes(drawn),
    ...faultNotes(result.faults),
  ]);
  const lines = result.masters.map((master, index) => ({
    name: masterLabel(master, index),
    kind: 'p50',
    values: points.map((point) => {
      const ns = point.roundTripP50Ns[index];
      return ns === null || ns === undefined ? null : nsToMs(ns);
    }),
  }));
  const known = lines.flatMap(({ values }) => values.filter((value) => value !== null));
  if (known.length === 0) return emptyChart(frame, 'No round trip was recorded.');
  const figures = points.map((_, at) =>
    Object.fromEntries(
      lines.map(({ name, values }) => {
        const value = values[at] ?? null;
        return [name, value === null ? 'no answer' : `${String(Number(value.toPrecision(4)))} ms`];
      }),
    ),
  );
  const names = lines.map(({ name }) => name);
  return composeTimeChart(frame, {
    points,
    rows: stepRows(points, lines),
    faults: result.faults,
    layers: [
      stepLayer(names, ['p50'], logTimes('value', 'median round trip (ms)', logAxisMs(known))),
      hoverLayer(points, figures, result.faults),
    ],
  });
}

type Spread = Readonly<Record<string, number | null>>;

function spreadOf({ roundTrip }: MasterResult): Spread {
  const hdr = roundTrip.count === 0 ? undefined : decodeHistogram(roundTrip.hdr);
  return Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => {
      // A low percentile needs as many records below it as a high one needs above.
      const isKnown = isSupported(Math.max(share, 1 - share), roundTrip.count);
      return [name, hdr === undefined || !isKnown ? null : nsToMs(usToNs(hdr.getValueAtPercentile(share * 100)))];
    }),
  );
}

function spreadRow(master: MasterResult, index: number, spread: Spread): Row {
  return {
    place: index + 1,
    label: [masterLabel(master, index), ...troubleOf(master)].join(' · '),
    endpoint: master.endpoint,
    replies: formatCount(master.roundTrip.count),
    timeouts: formatCount(master.timeouts),
    errors: formatCount(master.errors),
    ...spread,
    ...Object.fromEntries(
      Object.entries(spread).map(([name, value]) => [inMs(name), value === null ? NONE : String(value)]),
    ),
  };
}

function inMs(name: string): string {
  return `${name} (ms)`;
}

function troubleOf({ roundTrip, timeouts, errors, reachableAtEnd }: MasterResult): string[] {
  return [
    ...(roundTrip.count === 0 ? ['no answer'] : []),
    ...(timeouts > 0 ? [formatThings(timeouts, 'timeout')] : []),
    ...(errors > 0 ? [formatThings(errors, 'error')] : []),
    ...(reachableAtEnd ? [] : ['unreachable at the end']),
  ];
}
