/**
 * The search itself: which rate each step tried, what came of it, and how the bracket closed in.
 *
 * @module
 */
import type { CapacityReport } from '../../model/capacity.js';
import { formatRate } from '../../model/figure-text.js';
import { describeAnswer, describeChange, STEP_MEANINGS } from '../capacity-words.js';
import {
  answerEnds,
  BAND_COLOUR,
  capacityFrame,
  NAMED_COLOUR,
  OFFERED,
  rateAxis,
  rates,
  rowsOfMarks,
  STEP_MARKS,
  verdictNote,
  verdictsOf,
} from './capacity-frame.js';
import { composeChart, emptyChart, type Chart, type Layer, type PositionFieldDef, type Row } from './chart.js';
import { having, textTooltip } from './rows.js';

/** Every step in the order in which it ran. */
export function searchSteps(report: CapacityReport): Chart {
  const { steps } = report;
  const verdicts = verdictsOf(steps);
  const ends = answerEnds(report);
  const frame = capacityFrame(report, 'search', 'How the search closed in', [
    ...verdicts.map(verdictNote),
    ...(ends.low !== null && ends.high !== null ? ['band: the bracket that was found'] : []),
  ]);
  if (steps.length === 0) return emptyChart(frame, 'No step was over.');
  const axis = rateAxis(
    [...steps.map((step) => step.ratePerSecond), ends.low, ends.high].filter((rate) => rate !== null),
  );
  const y = (field: string) => rates(field, axis, OFFERED);
  const x = stepAxis('number', steps.length);
  const look = {
    color: {
      field: 'verdict',
      type: 'nominal',
      scale: { domain: verdicts, range: verdicts.map((verdict) => STEP_MARKS[verdict].colour) },
      legend: { columns: 4, symbolOpacity: 1 },
    },
    shape: {
      field: 'verdict',
      type: 'nominal',
      scale: { domain: verdicts, range: verdicts.map((verdict) => STEP_MARKS[verdict].shape) },
      legend: { columns: 4, symbolOpacity: 1 },
    },
    tooltip: textTooltip(['step', 'rate', 'verdict', 'why', 'workers']),
  } as const;
  return composeChart(frame, {
    heightPx: 300,
    rows: [...stepRows(report), ...bandRows(report)],
    layers: [
      {
        transform: having('bandLow'),
        mark: { type: 'rect', color: BAND_COLOUR, opacity: 0.3, clip: true },
        encoding: { y: y('bandLow'), y2: { field: 'bandHigh' }, x: { value: 0 }, x2: { value: 'width' } },
      },
      {
        transform: having('end'),
        mark: { type: 'rule', color: BAND_COLOUR, strokeWidth: 3 },
        encoding: { y: y('end') },
      },
      {
        transform: having('answerLabel'),
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 4, dy: -3, fontSize: 12, fontWeight: 'bold' },
        // On a phone it would cover marks; the page says it in large letters.
        encoding: {
          x: { value: 0 },
          y: y('answerAt'),
          text: { condition: { test: 'width > 480', field: 'answerLabel', type: 'nominal' }, value: '' },
        },
      },
      ...phaseLayers(stepAxis('phaseAt', steps.length)),
      {
        transform: having('rateAt'),
        mark: { type: 'line', color: BAND_COLOUR, strokeWidth: 1, strokeDash: [3, 2], clip: true },
        encoding: { x, y: y('rateAt') },
      },
      {
        transform: rowsOfMarks(false),
        mark: { type: 'point', filled: false, opacity: 0.9, size: 90, strokeWidth: 1.5, clip: true },
        encoding: { x, y: y('rateAt'), ...look },
      },
      {
        transform: rowsOfMarks(true),
        mark: { type: 'point', filled: true, opacity: 1, size: 90, clip: true },
        encoding: { x, y: y('rateAt'), ...look },
      },
      {
        transform: having('change'),
        mark: { type: 'text', align: 'center', baseline: 'top', dy: 9, fontSize: 11 },
        encoding: { x, y: y('rateAt'), text: { field: 'change', type: 'nominal' } },
      },
    ],
  });
}

function stepRows({ steps }: CapacityReport): Row[] {
  return steps.map((step, index) => {
    const previous = steps[index - 1];
    const next = steps.findIndex(({ purpose }, at) => at > index && purpose !== step.purpose);
    return {
      number: step.number,
      rateAt: step.ratePerSecond,
      verdict: step.verdict,
      change: describeChange(step, previous) ?? null,
      ...(previous?.purpose === step.purpose
        ? {}
        : {
            phaseAt: step.number - 0.5,
            phase: step.purpose,
            phaseShare: ((next === -1 ? steps.length : next) - index) / steps.length,
          }),
      step: `${String(step.number)}, ${step.purpose}`,
      rate: formatRate(step.ratePerSecond),
      why: step.reasons.join(' ') || STEP_MEANINGS[step.verdict],
      workers: `${String(step.workers)}, ${step.transport}`,
    };
  });
}

function bandRows(report: CapacityReport): Row[] {
  const { low, high } = answerEnds(report);
  const at = low ?? high;
  if (at === null) return [];
  const isBand = low !== null && high !== null;
  return [
    {
      ...(isBand ? { bandLow: low, bandHigh: high } : { end: at }),
      answerAt: isBand ? high : at,
      answerLabel: describeAnswer(report),
    },
  ];
}

function stepAxis(field: string, steps: number): PositionFieldDef {
  return {
    field,
    type: 'quantitative',
    scale: { domain: [0.5, steps + 0.5], nice: false, zero: false },
    axis: { title: 'step', format: 'd', tickMinStep: 1, grid: false },
  };
}

/** A rule where a phase of the search begins, with its name. */
function phaseLayers(x: PositionFieldDef): Layer[] {
  return [
    {
      transform: having('phase'),
      mark: { type: 'rule', color: NAMED_COLOUR, strokeWidth: 1, strokeDash: [2, 3] },
      encoding: { x },
    },
    {
      transform: having('phase'),
      mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 1, dy: -3, fontSize: 11 },
      // Only where the next phase leaves room for it.
      encoding: {
        x,
        y: { value: 0 },
        text: {
          condition: { test: 'width * datum.phaseShare > 6 * length(datum.phase)', field: 'phase', type: 'nominal' },
          value: '',
        },
      },
    },
  ];
}
