/**
 * The latency spectrum: every percentile of every series on one axis that gives each further nine the same room.
 *
 * @module
 */
import { formatCount, formatShare, formatThings } from '../../model/figure-text.js';
import { decodeHistogram, type LatencySummary } from '../../model/histogram.js';
import type { RunResult } from '../../model/result.js';
import { nsToMs, usToNs } from '../../model/time.js';
import { nameRuns } from '../run-names.js';
import { describeSuccess, isAlarming, warningsOf } from '../verdicts.js';
import { logAxisMs, logTimes } from './axes.js';
import {
  composeChart,
  emptyChart,
  frameOf,
  latencyNotes,
  legendColumns,
  type Chart,
  type Frame,
  type Layer,
  type LayeredSpec,
  type PositionFieldDef,
  type Row,
} from './chart.js';
import { CROWD_COLOUR, crowdNotes, isCrowd, standOut } from './many-series.js';
import { having } from './rows.js';
import { SERIES_DASHES } from './theme.js';

export interface SpectrumPoint {
  /** 1 / (1 − p). */
  readonly inverse: number;
  readonly ms: number;
}

const POINTS_PER_DECADE = 30;
/** Few records make visible steps, which a coarse line would turn into slopes. */
const POINTS_PER_DECADE_OF_FEW = 120;
/** Many lines make a page heavy, and none of them is looked at closely. */
const POINTS_PER_DECADE_OF_CROWD = 8;
const LEAST_POINTS_PER_DECADE = 3;
/** Together the lines of a crowd have as many points in a decade as a page can carry. */
const POINTS_OF_CROWD_PER_DECADE = 300;
const FEW = 100;
/**
 * Legend: the axis shows 1/(1−p) on a logarithmic scale, so 10 is the 90th percentile, 100 the 99th, 1000 the 99.9th.
 * The label turns it back into p, with one decimal more for each nine beyond the second.
 */
const PERCENTILE_LABEL =
  "datum.value == 1 ? '0%' : format(1 - 1/datum.value, '.' + max(0, round(log(datum.value)/LN10) - 2) + '%')";

/**
 * The percentiles that a distribution can state: up to 1/(1−p) = count, where one record lies beyond. The largest value
 * itself would stand at infinity.
 */
export function spectrumPoints(
  summary: LatencySummary,
  perDecade = summary.count < FEW ? POINTS_PER_DECADE_OF_FEW : POINTS_PER_DECADE,
): SpectrumPoint[] {
  if (summary.count === 0) return [];
  const hdr = decodeHistogram(summary.hdr);
  const steps = Math.floor(Math.log10(summary.count) * perDecade);
  const inverses = Array.from({ length: steps + 1 }, (_, index) => 10 ** (index / perDecade));
  if ((inverses.at(-1) ?? 1) < summary.count) inverses.push(summary.count);
  return inverses.map((inverse) => ({
    inverse,
    // A bucket's upper edge can lie above the largest record; the record is exact, so it wins.
    ms: nsToMs(Math.min(usToNs(hdr.getValueAtPercentile(100 * (1 - 1 / inverse))), summary.maxNs)),
  }));
}

/** A distribution with the name of its line. */
export interface NamedSpectrum {
  readonly series: string;
  readonly kind: SpectrumKind;
  readonly summary: LatencySummary;
  /** Of a run that broke its promise, or whose figures are not to be believed. */
  readonly isAlarming: boolean;
}

export type SpectrumKind = keyof typeof MEANINGS;

/** All series of one run or of several in one chart. */
export function latencySpectrum(results: readonly RunResult[]): Chart {
  const frame = frameOf(results, 'latency-spectrum', 'Time to acquire, every percentile', [
    ...(results.length === 1 ? results.map(describeSuccess) : []),
    ...(isCrowd(results.length) ? ['response: from the intended start to the grant'] : []),
    ...latencyNotes(results),
  ]);
  return composeSpectrum(frame, spectraOf(results));
}

/**
 * Draws distributions over one axis of percentiles. Where they have several names, the names have the colours and the
 * kinds the dashes; of more names than colours those at the ends and in the middle stand out.
 */
export function composeSpectrum(framed: Frame, spectra: readonly NamedSpectrum[], noun = 'run'): Chart {
  const all = spectra.filter(({ summary }) => summary.count > 0);
  const names = [...new Set(all.map((spectrum) => spectrum.series))];
  const ranked = names.map((series) => {
    const first = all.find((spectrum) => spectrum.series === series);
    return { series, value: first?.summary.p99Ns ?? null, isAlarming: first?.isAlarming ?? false };
  });
  const shown = standOut(ranked);
  const frame = { ...framed, notes: [...framed.notes, ...emptyNotes(spectra, names, noun)] };
  const rows = all.filter(({ series }) => shown.includes(series)).flatMap((spectrum) => spectrumRows(spectrum));
  if (rows.length === 0) return emptyChart(frame, 'No acquisition ended, so there is no time to show.');
  const others = names.filter((name) => !shown.includes(name));
  const crowd = crowdRows(all, others);
  const known = [...rows, ...crowd];
  const encoding = {
    x: percentileAxis(known),
    y: logTimes('ms', 'time to acquire (ms)', logAxisMs(known.map((row) => row.ms))),
  };
  const isMany = new Set(spectra.map((spectrum) => spectrum.series)).size > 1;
  const telling = tellingChannels(rows, isMany);
  if (crowd.length === 0) {
    return composeChart(frame, {
      heightPx: SPECTRUM_PX,
      rows,
      encoding: { ...encoding, ...telling },
      layers: [{ mark: { type: 'line', clip: true, strokeWidth: 2 } }, pointedLayer(isMany)],
    });
  }
  return composeChart(
    {
      ...frame,
      notes: [
        ...frame.notes,
        ...crowdNotes({
          count: names.length,
          named: shown.length,
          noun,
          by: 'p99',
          where: `whose percentiles stand in the table of the ${noun}s`,
        }),
      ],
    },
    {
      heightPx: SPECTRUM_PX,
      rows: known,
      encoding,
      layers: [
        crowdLayer(),
        {
          transform: having('series'),
          mark: { type: 'line', clip: true, strokeWidth: 2.5 },
          encoding: telling,
        },
        pointedLayer(isMany, others),
      ],
    },
  );
}

const SPECTRUM_PX = 340;
const MOST_EMPTY = 3;

/** Those without a line, by name: an absence is not seen. */
function emptyNotes(spectra: readonly NamedSpectrum[], drawn: readonly string[], noun: string): string[] {
  const empty = [...new Set(spectra.map(({ series }) => series))].filter((series) => !drawn.includes(series));
  if (empty.length === 0 || drawn.length === 0) return [];
  const rest = empty.length > MOST_EMPTY ? ` and ${formatCount(empty.length - MOST_EMPTY)} more` : '';
  return [
    `${formatThings(empty.length, noun)} without a line, because nothing was acquired: ${empty.slice(0, MOST_EMPTY).join('; ')}${rest}`,
  ];
}

/** What tells the lines apart. */
function tellingChannels(
  rows: readonly SpectrumRow[],
  isMany: boolean,
): Pick<NonNullable<LayeredSpec['encoding']>, 'color' | 'strokeDash'> {
  const kinds = [...new Set(rows.map((row) => row.kind))];
  const series = [...new Set(rows.map((row) => row.series))];
  const kindLegend = {
    columns: legendColumns(Object.values(MEANINGS)),
    symbolType: 'stroke',
    labelExpr: KIND_LABEL,
  } as const;
  const seriesLegend = { columns: legendColumns(series), symbolType: 'stroke' } as const;
  return {
    color: {
      field: isMany ? 'series' : 'kind',
      type: 'nominal',
      scale: { domain: isMany ? series : kinds },
      legend: isMany ? seriesLegend : kindLegend,
    },
    strokeDash:
      isMany && kinds.length === 1
        ? {
            field: 'series',
            type: 'nominal',
            scale: { domain: series, range: series.map((_, index) => SERIES_DASHES[index] ?? [1, 0]) },
            legend: seriesLegend,
          }
        : {
            field: 'kind',
            type: 'nominal',
            scale: { domain: kinds, range: kinds.map((kind) => DASHES[kind] ?? [1, 0]) },
            legend: kindLegend,
          },
  };
}

type CrowdRow = Row & { readonly other: number; readonly inverse: number; readonly ms: number };

/** Lines of the crowd carry a number for a name, which would weigh more than all their figures. */
function crowdRows(spectra: readonly NamedSpectrum[], others: readonly string[]): CrowdRow[] {
  const share = Math.floor(POINTS_OF_CROWD_PER_DECADE / Math.max(1, others.length));
  const perDecade = Math.max(LEAST_POINTS_PER_DECADE, Math.min(POINTS_PER_DECADE_OF_CROWD, share));
  return spectra.flatMap(({ series, kind, summary }) =>
    others.includes(series) && kind === 'response'
      ? spectrumPoints(summary, perDecade).map(({ inverse, ms }) => ({
          other: others.indexOf(series),
          inverse: Number(inverse.toPrecision(4)),
          ms: Number(ms.toPrecision(4)),
        }))
      : [],
  );
}

function crowdLayer(): Layer {
  return {
    transform: having('other'),
    mark: { type: 'line', clip: true, strokeWidth: 1, color: CROWD_COLOUR, opacity: 0.7 },
    encoding: { detail: { field: 'other', type: 'nominal' } },
  };
}

interface SpectrumRow extends Row {
  readonly series: string;
  readonly kind: string;
  readonly inverse: number;
  readonly ms: number;
}

const DASHES: Readonly<Record<string, number[]>> = { response: [1, 0], service: [6, 3], 'gave up': [1, 3] };
const MEANINGS = {
  response: 'response: intended start to grant',
  service: 'service: actual start to grant',
  'gave up': 'gave up: start to end of waiting',
};
/** The rows carry the short name, the legend says what it means. */
const KIND_LABEL = `(${JSON.stringify(MEANINGS)})[datum.label]`;

function spectraOf(results: readonly RunResult[]): NamedSpectrum[] {
  const names = nameRuns(results);
  return results.flatMap((result, index) => {
    const { response, service, gaveUp, successRatio } = result.acquire;
    const beside = [`${formatShare(successRatio)} acquired`, ...warningsOf(result)].join(', ');
    const series = `${names[index]?.label ?? ''} (${beside})`;
    const line = (kind: SpectrumKind, summary: LatencySummary): NamedSpectrum => ({
      series,
      kind,
      summary,
      isAlarming: isAlarming(result),
    });
    return [
      line('response', response),
      ...(isCrowd(results.length) ? [] : [line('service', service)]),
      // Failures have a series of their own only where they do not fight with other runs for attention.
      ...(results.length === 1 ? [line('gave up', gaveUp)] : []),
    ];
  });
}

function spectrumRows({ series, kind, summary }: NamedSpectrum): SpectrumRow[] {
  return spectrumPoints(summary).map(({ inverse, ms }) => ({
    series,
    kind,
    inverse: Number(inverse.toPrecision(5)),
    ms,
  }));
}

function percentileAxis(rows: readonly SpectrumPoint[]): PositionFieldDef {
  const most = rows.reduce((max, row) => Math.max(max, row.inverse), 2);
  const powers = Array.from({ length: Math.floor(Math.log10(most)) }, (_, index) => 10 ** (index + 1));
  return {
    field: 'inverse',
    type: 'quantitative',
    scale: { type: 'log', domain: [1, most], nice: false },
    axis: { title: 'percentile of the operations', values: [1, 2, 4, ...powers], labelExpr: PERCENTILE_LABEL },
  };
}

/** The point nearest to the pointer, with its figures. */
function pointedLayer(isMany: boolean, others: readonly string[] = []): Layer {
  return {
    params: [{ name: 'pointed', select: { type: 'point', nearest: true, on: 'pointerover', clear: 'pointerout' } }],
    transform: [
      { calculate: "format(1 - 1/datum.inverse, '.5~%')", as: 'percentile' },
      ...(others.length === 0
        ? []
        : [
            { calculate: `isValid(datum.other) ? (${JSON.stringify(others)})[datum.other] : datum.series`, as: 'name' },
            { calculate: "'response'", as: 'kind' },
          ]),
    ],
    mark: {
      type: 'point',
      clip: true,
      filled: true,
      size: 70,
      opacity: 1,
      aria: false,
      ...(others.length === 0 ? {} : { color: CROWD_COLOUR }),
    },
    encoding: {
      opacity: { condition: { param: 'pointed', empty: false, value: 1 }, value: 0 },
      strokeDash: { value: [1, 0] },
      tooltip: [
        ...(isMany ? [{ field: others.length === 0 ? 'series' : 'name', type: 'nominal' as const, title: 'run' }] : []),
        { field: 'kind', type: 'nominal', title: 'time' },
        { field: 'percentile', type: 'nominal', title: 'percentile' },
        { field: 'ms', type: 'quantitative', title: 'ms', format: '.4~g' },
      ],
    },
  };
}
