/**
 * Every run of every arm on one metric: the dots that the medians hide.
 *
 * @module
 */
import type { Arm, ArmRun, Comparison, Metric } from '../../model/comparison.js';
import { formatThings } from '../../model/figure-text.js';
import { runsIn, spreadOf, valuesOf } from '../arm-figures.js';
import { nameArm } from '../comparison-words.js';
import { formatFound, isLowerBound, LOWER_BOUND_NOTE } from '../metric-words.js';
import { composeChart, emptyChart, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { comparedLatencyNotes, comparisonFrame } from './comparison-frame.js';
import { inAxisUnit, metricAxis, metricFileName } from './metric-axis.js';
import { having, nameLayer, rowAxis, rowName, sayingLayers, textTooltip } from './rows.js';

const ROW_PX = 56;
/** Both read on white and on black. */
const RUN_COLOUR = '#4f8fc0';
const MEDIAN_COLOUR = '#e06000';
/** Where in its row an arm has its name, its first and its last run. */
const NAME_AT = 0.16;
const FIRST_AT = 0.36;
const LAST_AT = 0.88;
const MIDDLE_AT = (FIRST_AT + LAST_AT) / 2;

/** The runs of all arms on a metric. */
export function runsPerArm(comparison: Comparison, metric: Metric): Chart {
  const { arms, design } = comparison;
  const frame = comparisonFrame(comparison, `runs-${metricFileName(metric)}`, `Run by run: ${metric.label}`, [
    `a dot is a run, ${design === 'interleaved' ? 'the first round' : 'the first run'} on top, hollow when it is left out`,
    'tick the median, bar the middle half, line the least to the most of the runs that are in',
    ...(arms.some((arm) => isLowerBound(metric, arm.runs)) ? [LOWER_BOUND_NOTE] : []),
    ...(metric.unit === 'ns' ? comparedLatencyNotes(comparison) : []),
  ]);
  const rows = arms.flatMap((arm, index) => armRows(arm, metric, index));
  const known = rows.flatMap((row) => row.value ?? []);
  if (known.length === 0) return emptyChart(frame, `No run has a value of ${metric.label}.`);
  const x = (field: string): PositionFieldDef => metricAxis(field, metric, known);
  const length = arms.length;
  const tooltip = textTooltip(['arm', 'run', metric.label, 'health', 'left out']);
  return composeChart(frame, {
    heightPx: ROW_PX * length,
    rows,
    layers: [
      {
        transform: having('median'),
        mark: { type: 'rule', strokeWidth: 1.5, clip: true, color: RUN_COLOUR, opacity: 0.7 },
        encoding: { x: x('least'), x2: { field: 'most' }, y: rowAxis('middleY', length) },
      },
      {
        transform: having('median'),
        mark: { type: 'rect', clip: true, color: RUN_COLOUR, opacity: 0.28 },
        encoding: {
          x: x('lowerQuartile'),
          x2: { field: 'upperQuartile' },
          y: rowAxis('firstY', length),
          y2: { field: 'lastY' },
        },
      },
      {
        transform: having('median'),
        mark: { type: 'rule', strokeWidth: 3, clip: true, color: MEDIAN_COLOUR },
        encoding: { x: x('median'), y: rowAxis('firstY', length), y2: { field: 'lastY' } },
      },
      {
        transform: [{ filter: "isValid(datum.value) && datum['left out'] === 'no'" }],
        mark: { type: 'point', filled: true, opacity: 1, size: 36, clip: true, color: RUN_COLOUR },
        encoding: { x: x('value'), y: rowAxis('runY', length), tooltip },
      },
      {
        transform: [{ filter: "isValid(datum.value) && datum['left out'] !== 'no'" }],
        mark: { type: 'point', filled: false, opacity: 1, size: 44, strokeWidth: 1.5, clip: true, color: RUN_COLOUR },
        encoding: { x: x('value'), y: rowAxis('runY', length), tooltip },
      },
      nameLayer(length),
      ...sayingLayers(length),
    ],
  });
}

type RunRow = Row & { readonly value: number | null };

/** A row for what the runs have together, and one for each run. */
function armRows(arm: Arm, metric: Metric, top: number): RunRow[] {
  const compared = runsIn(arm);
  const spread = spreadOf(valuesOf(compared, metric.name));
  const out = arm.runs.length - compared.length;
  const shown = (value: number | undefined): string => formatFound(metric, compared, value);
  const counted = `${formatThings(compared.length, 'run')}${out > 0 ? `, ${String(out)} left out` : ''}`;
  const together: RunRow = {
    nameY: top + NAME_AT,
    name: rowName(nameArm(arm)),
    said: `median ${shown(spread?.median)} (${shown(spread?.least)} to ${shown(spread?.most)}), ${counted}`,
    saidShortly: shown(spread?.median),
    middleY: top + MIDDLE_AT,
    firstY: top + FIRST_AT,
    lastY: top + LAST_AT,
    least: inAxisUnit(metric, spread?.least),
    lowerQuartile: inAxisUnit(metric, spread?.lowerQuartile),
    median: inAxisUnit(metric, spread?.median),
    upperQuartile: inAxisUnit(metric, spread?.upperQuartile),
    most: inAxisUnit(metric, spread?.most),
    value: null,
  };
  const step = (LAST_AT - FIRST_AT) / Math.max(1, arm.runs.length - 1);
  return [
    together,
    ...arm.runs.map((run, index): RunRow => ({
      runY: top + (arm.runs.length === 1 ? MIDDLE_AT : FIRST_AT + index * step),
      value: inAxisUnit(metric, run.metrics[metric.name]),
      arm: nameArm(arm),
      run: nameRun(run, index),
      [metric.label]: formatFound(metric, [run], run.metrics[metric.name]),
      health: run.health,
      'left out': run.leftOut ?? 'no',
    })),
  ];
}

function nameRun({ round, runId }: ArmRun, index: number): string {
  return round === null ? `${String(index + 1)} (${runId})` : `round ${String(round)}`;
}
