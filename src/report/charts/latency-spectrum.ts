/**
 * The latency spectrum: every percentile of every series on one axis that gives each further nine the same room.
 *
 * @module
 */
import { decodeHistogram, type LatencySummary } from '../../model/histogram.js';
import type { RunResult } from '../../model/result.js';
import { nsToMs, usToNs } from '../../model/time.js';
import { formatShare } from '../figures.js';
import { nameRuns } from '../run-names.js';
import { describeSuccess, warningsOf } from '../verdicts.js';
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
  type PositionFieldDef,
  type Row,
} from './chart.js';
import { SERIES_COLOURS } from './theme.js';

export interface SpectrumPoint {
  /** 1 / (1 − p). */
  readonly inverse: number;
  readonly ms: number;
}

const POINTS_PER_DECADE = 30;
/** Few records make visible steps, which a coarse line would turn into slopes. */
const POINTS_PER_DECADE_OF_FEW = 120;
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
export function spectrumPoints(summary: LatencySummary): SpectrumPoint[] {
  if (summary.count === 0) return [];
  const hdr = decodeHistogram(summary.hdr);
  const perDecade = summary.count < FEW ? POINTS_PER_DECADE_OF_FEW : POINTS_PER_DECADE;
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
}

export type SpectrumKind = keyof typeof MEANINGS;

/** All series of one run or of several in one chart. */
export function latencySpectrum(results: readonly RunResult[]): Chart {
  const frame = frameOf(results, 'latency-spectrum', 'Time to acquire, every percentile', [
    ...(results.length === 1 ? results.map(describeSuccess) : []),
    ...latencyNotes(results),
  ]);
  return composeSpectrum(frame, spectraOf(results));
}

/**
 * Draws distributions over one axis of percentiles. Where they have several names, the names have the colours and the
 * kinds the dashes; where all are of one kind, the dashes tell apart what the colours run out for.
 */
export function composeSpectrum(frame: Frame, spectra: readonly NamedSpectrum[]): Chart {
  const rows = spectra.flatMap(spectrumRows);
  if (rows.length === 0) return emptyChart(frame, 'No acquisition ended, so there is no time to show.');
  const kinds = [...new Set(rows.map((row) => row.kind))];
  const series = [...new Set(rows.map((row) => row.series))];
  const isMany = new Set(spectra.map((spectrum) => spectrum.series)).size > 1;
  const kindLegend = {
    columns: legendColumns(Object.values(MEANINGS)),
    symbolType: 'stroke',
    labelExpr: KIND_LABEL,
  } as const;
  const seriesLegend = { columns: legendColumns(series), symbolType: 'stroke' } as const;
  return composeChart(frame, {
    heightPx: 340,
    rows,
    encoding: {
      x: percentileAxis(rows),
      y: logTimes('ms', 'time to acquire (ms)', logAxisMs(rows.map((row) => row.ms))),
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
              scale: { domain: series, range: series.map((_, index) => dashesBeyondColours(index)) },
              legend: seriesLegend,
            }
          : {
              field: 'kind',
              type: 'nominal',
              scale: { domain: kinds, range: kinds.map((kind) => DASHES[kind] ?? [1, 0]) },
              legend: kindLegend,
            },
    },
    layers: [{ mark: { type: 'line', clip: true, strokeWidth: 2 } }, pointedLayer(isMany)],
  });
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

/** Each time that the colours begin anew, the dashes change. */
function dashesBeyondColours(index: number): number[] {
  return Object.values(DASHES)[Math.floor(index / SERIES_COLOURS) % Object.keys(DASHES).length] ?? [1, 0];
}

function spectraOf(results: readonly RunResult[]): NamedSpectrum[] {
  const names = nameRuns(results);
  return results.flatMap((result, index) => {
    const { response, service, gaveUp, successRatio } = result.acquire;
    const beside = [`${formatShare(successRatio)} acquired`, ...warningsOf(result)].join(', ');
    const series = `${names[index]?.label ?? ''} (${beside})`;
    return [
      { series, kind: 'response', summary: response },
      { series, kind: 'service', summary: service },
      // Failures have a series of their own only where they do not fight with other runs for attention.
      ...(results.length === 1 ? [{ series, kind: 'gave up', summary: gaveUp } as const] : []),
    ] as const;
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

function percentileAxis(rows: readonly SpectrumRow[]): PositionFieldDef {
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
function pointedLayer(isMany: boolean): Layer {
  return {
    params: [{ name: 'pointed', select: { type: 'point', nearest: true, on: 'pointerover', clear: 'pointerout' } }],
    transform: [{ calculate: "format(1 - 1/datum.inverse, '.5~%')", as: 'percentile' }],
    mark: { type: 'point', clip: true, filled: true, size: 70, opacity: 1, aria: false },
    encoding: {
      opacity: { condition: { param: 'pointed', empty: false, value: 1 }, value: 0 },
      strokeDash: { value: [1, 0] },
      tooltip: [
        ...(isMany ? [{ field: 'series', type: 'nominal' as const, title: 'run' }] : []),
        { field: 'kind', type: 'nominal', title: 'time' },
        { field: 'percentile', type: 'nominal', title: 'percentile' },
        { field: 'ms', type: 'quantitative', title: 'ms', format: '.4~g' },
      ],
    },
  };
}
