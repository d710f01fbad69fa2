/**
 * Latency against load: every step at its rate, the SLO, the bracket that was found, and the knee.
 *
 * @module
 */
import type { CapacityReport, CapacityStep } from '../../model/capacity.js';
import { formatRate, formatShare } from '../../model/figure-text.js';
import { nsToMs } from '../../model/time.js';
import { describeAnswer, latencyLimits, quantileMs, type LatencyLimit, type QuantileName } from '../capacity-words.js';
import { logAxisMs, logTimes, placeOn } from './axes.js';
import {
  answerEnds,
  BAND_COLOUR,
  capacityFrame,
  LIMIT_COLOUR,
  medianRows,
  NAMED_COLOUR,
  OFFERED,
  rateAxis,
  rates,
  rowsOfMarks,
  STEP_MARKS,
  verdictNote,
  verdictsOf,
  type RateAxis,
} from './capacity-frame.js';
import { composeChart, emptyChart, type Chart, type Layer, type Row } from './chart.js';
import { having, textTooltip } from './rows.js';

/** Of the shapes in the legend, which stand for every colour. */
const MARK_COLOUR = '#7d8792';
const TITLE = 'Latency against load';
/** The share of a phone's plot that the name of the knee takes. */
const ROOM_FOR_KNEE = 0.45;

/** p50, p99 and what the SLO limits, at every rate that was tried. */
export function latencyAgainstLoad(report: CapacityReport): Chart {
  const { steps, knee, headroom } = report;
  const limits = latencyLimits(report);
  const curves = curvesOf(limits);
  const points = curves.flatMap((curve) => steps.flatMap((step) => pointRow(curve, step) ?? []));
  const verdicts = verdictsOf(steps);
  const frame = capacityFrame(report, 'latency-against-load', TITLE, [
    'open loop, response from the intended start; a mark for each step, line: median of the steps at that rate that count',
    ...verdicts.filter((verdict) => verdict !== 'met').map(verdictNote),
    ...(knee === null
      ? []
      : ['knee: the rate at which rate over p50 response is largest; beyond it latency grows faster than the load']),
  ]);
  if (points.length === 0) return emptyChart(frame, 'No step acquired enough locks to state a time.');
  const lines = curves.flatMap((curve) =>
    medianRows(report, curve.series, (step) => quantileMs(step[curve.of], curve.quantile)),
  );
  const ends = answerEnds(report);
  const expected = headroom?.expectedPerSecond ?? null;
  const axis = rateAxis(
    [...steps.map((step) => step.ratePerSecond), ends.low, ends.high, expected, knee?.ratePerSecond ?? null].filter(
      (rate) => rate !== null,
    ),
  );
  const kneeMs = knee === null ? null : nsToMs(knee.responseP50Ns);
  const times = logAxisMs([
    ...points.map((row) => row.ms),
    ...limits.map((limit) => limit.limitMs),
    ...(kneeMs === null ? [] : [kneeMs]),
  ]);
  const answerAt = ends.low ?? ends.high;
  const isAnswerLeft = answerAt !== null && placeOn(axis, answerAt) < 0.5;
  // To the side that the answer leaves free: on a phone the name would reach into its band.
  const isKneeNamedLeft =
    knee !== null &&
    placeOn(axis, knee.ratePerSecond) > ROOM_FOR_KNEE &&
    (answerAt === null || knee.ratePerSecond <= answerAt);
  const x = (field: string) => rates(field, axis, OFFERED);
  const y = (field: string) => logTimes(field, `${wordsFor(curves)} (ms)`, times);
  const series = curves.map((curve) => curve.series);
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series },
    legend: { symbolType: 'stroke', symbolOpacity: 1, columns: 4 },
  } as const;
  const shape = {
    field: 'verdict',
    type: 'nominal',
    scale: { domain: verdicts, range: verdicts.map((verdict) => STEP_MARKS[verdict].shape) },
    legend: { columns: 4, symbolOpacity: 1, symbolStrokeColor: MARK_COLOUR, symbolFillColor: 'transparent' },
  } as const;
  const tooltip = textTooltip(['step', 'rate', 'verdict', 'time', 'acquired', 'workers']);
  return composeChart(frame, {
    heightPx: 360,
    rows: [
      ...points,
      ...lines.map((row) => ({ ...row, medianMs: row.value })),
      ...limits.map(({ limitMs, label }) => ({ limitMs, limitLabel: `SLO: ${label}` })),
      ...answerRows(report, axis),
      ...(expected === null ? [] : [{ expected, expectedLabel: `expected ${formatRate(expected)}` }]),
      ...(knee === null
        ? []
        : [{ knee: knee.ratePerSecond, kneeMs, kneeLabel: `knee ${formatRate(knee.ratePerSecond)}` }]),
    ],
    layers: [
      ...answerLayers(x),
      {
        transform: having('limitMs'),
        mark: { type: 'rule', color: LIMIT_COLOUR, strokeWidth: 1.5, strokeDash: [6, 3] },
        encoding: { y: y('limitMs') },
      },
      {
        transform: having('limitMs'),
        mark: {
          type: 'text',
          align: isAnswerLeft ? 'right' : 'left',
          baseline: 'bottom',
          dx: isAnswerLeft ? -4 : 4,
          dy: -3,
          fontSize: 11,
        },
        encoding: {
          x: { value: isAnswerLeft ? 'width' : 0 },
          y: y('limitMs'),
          text: { field: 'limitLabel', type: 'nominal' },
        },
      },
      ...expectedLayers(x),
      {
        transform: having('medianMs'),
        mark: { type: 'line', clip: true, strokeWidth: 2 },
        encoding: {
          x: x('medianAt'),
          y: y('medianMs'),
          color,
          strokeDash: {
            field: 'series',
            type: 'nominal',
            scale: { domain: series, range: series.map((_, index) => DASHES[index % DASHES.length] ?? [1, 0]) },
            legend: { symbolType: 'stroke', columns: 4 },
          },
        },
      },
      {
        transform: [...having('ms'), ...rowsOfMarks(false)],
        mark: { type: 'point', filled: false, opacity: 0.5, size: 60, strokeWidth: 1.5, clip: true },
        encoding: { x: x('rateAt'), y: y('ms'), color, shape, tooltip },
      },
      {
        transform: [...having('ms'), ...rowsOfMarks(true)],
        mark: { type: 'point', filled: true, opacity: 0.85, size: 64, clip: true },
        encoding: { x: x('rateAt'), y: y('ms'), color, shape, tooltip },
      },
      {
        transform: having('knee'),
        mark: { type: 'point', shape: 'circle', filled: false, color: NAMED_COLOUR, size: 260, strokeWidth: 2.5 },
        encoding: { x: x('knee'), y: y('kneeMs') },
      },
      {
        transform: having('knee'),
        mark: {
          type: 'text',
          align: isKneeNamedLeft ? 'right' : 'left',
          baseline: 'top',
          dx: isKneeNamedLeft ? -4 : 9,
          dy: isKneeNamedLeft ? 22 : 11,
          fontSize: 11,
          fontWeight: 'bold',
        },
        encoding: { x: x('knee'), y: y('kneeMs'), text: { field: 'kneeLabel', type: 'nominal' } },
      },
    ],
  });
}

const DASHES = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
];

interface Curve {
  readonly of: 'response' | 'service';
  readonly quantile: QuantileName;
  readonly series: string;
}

/** The response at p50 and p99, and what else the SLO limits. */
function curvesOf(limits: readonly LatencyLimit[]): Curve[] {
  const named = [
    { of: 'response', quantile: 'p50' } as const,
    { of: 'response', quantile: 'p99' } as const,
    ...limits,
  ].map(({ of, quantile }): Curve => ({ of, quantile, series: `${quantile} ${of}` }));
  return named.filter((curve, index) => named.findIndex(({ series }) => series === curve.series) === index);
}

function wordsFor(curves: readonly Curve[]): string {
  return curves.every(({ of }) => of === 'response') ? 'response' : 'response or service';
}

function pointRow({ of, quantile, series }: Curve, step: CapacityStep): (Row & { readonly ms: number }) | undefined {
  const ms = quantileMs(step[of], quantile);
  if (ms === null) return undefined;
  return {
    series,
    rateAt: step.ratePerSecond,
    ms,
    verdict: step.verdict,
    step: `${String(step.number)}, ${step.purpose}`,
    rate: formatRate(step.ratePerSecond),
    time: `${series} ${String(Number(ms.toPrecision(4)))} ms`,
    acquired: formatShare(step.successRatio),
    workers: `${String(step.workers)}, ${step.transport}`,
  };
}

/** The band between the ends of the answer, or a rule at the one end that there is; its label towards the free side. */
function answerRows(report: CapacityReport, axis: RateAxis): Row[] {
  const { low, high } = answerEnds(report);
  const at = low ?? high;
  if (at === null) return [];
  const isLeft = placeOn(axis, at) < 0.5;
  return [
    {
      ...(low !== null && high !== null ? { bandLow: low, bandHigh: high } : { end: at }),
      [isLeft ? 'answerRight' : 'answerLeft']: isLeft ? (high ?? at) : at,
      answerLabel: labelOf(report),
    },
  ];
}

function labelOf(report: CapacityReport): string {
  const { answer } = report;
  if (answer.kind === 'below') return `SLO missed from ${formatRate(answer.missesPerSecond)} on`;
  return `${answer.kind === 'bracket' ? 'capacity' : 'SLO met'} ${describeAnswer(report)}`;
}

type OnX = (field: string) => ReturnType<typeof rates>;

function answerLayers(x: OnX): Layer[] {
  const label = (field: string, align: 'left' | 'right'): Layer => ({
    transform: having(field),
    mark: {
      type: 'text',
      align,
      baseline: 'top',
      dx: align === 'left' ? 6 : -6,
      dy: 4,
      fontSize: 12,
      fontWeight: 'bold',
    },
    encoding: { x: x(field), y: { value: 0 }, text: { field: 'answerLabel', type: 'nominal' } },
  });
  return [
    {
      transform: having('bandLow'),
      mark: { type: 'rect', color: BAND_COLOUR, opacity: 0.3, clip: true },
      encoding: { x: x('bandLow'), x2: { field: 'bandHigh' }, y: { value: 0 }, y2: { value: 'height' } },
    },
    {
      transform: having('end'),
      mark: { type: 'rule', color: BAND_COLOUR, strokeWidth: 3 },
      encoding: { x: x('end'), y: { value: 0 }, y2: { value: 'height' } },
    },
    label('answerLeft', 'right'),
    label('answerRight', 'left'),
  ];
}

function expectedLayers(x: OnX): Layer[] {
  return [
    {
      transform: having('expected'),
      mark: { type: 'rule', color: BAND_COLOUR, strokeWidth: 1.5, strokeDash: [2, 3] },
      encoding: { x: x('expected') },
    },
    {
      transform: having('expected'),
      mark: { type: 'text', align: 'right', baseline: 'bottom', dx: -4, dy: -4, fontSize: 11 },
      encoding: { x: x('expected'), y: { value: 'height' }, text: { field: 'expectedLabel', type: 'nominal' } },
    },
  ];
}
