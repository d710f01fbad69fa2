/**
 * What the masters, the generator and everything else used of the processor at each rate: where it ends first.
 *
 * @module
 */
import type { CapacityReport, CapacityStep } from '../../model/capacity.js';
import { formatRate } from '../../model/figure-text.js';
import { spreadOf } from '../arm-figures.js';
import { formatCpu } from '../capacity-words.js';
import { capacityFrame, LIMIT_COLOUR, medianRows, OFFERED, rateAxis, rates, rowsOfMarks } from './capacity-frame.js';
import { composeChart, emptyChart, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { having, textTooltip } from './rows.js';
import { SERIES_COLOURS, SERIES_DASHES, SERIES_SHAPES } from './theme.js';

/** CPU over the offered rate. */
export function cpuOverLoad(report: CapacityReport): Chart {
  const { steps } = report;
  const users = usersOf(report);
  const points = users.flatMap((user) => steps.flatMap((step) => pointRow(user, step) ?? []));
  const knowsMasters = steps.some((step) => step.masterCpu.some((share) => share !== null));
  const isHollow = steps.some(({ verdict }) => verdict === 'invalid' || verdict === 'unsettled');
  const frame = capacityFrame(report, 'cpu-over-load', 'What masters and generator used of the processor', [
    'a Redis server uses one core for its commands; line: median of the steps that count',
    ...(isHollow ? ['hollow: steps that were invalid or unsettled'] : []),
    ...(knowsMasters ? [] : ['no master told its CPU']),
  ]);
  if (points.length === 0) return emptyChart(frame, 'No step was over.');
  const most = points.reduce((a, row) => Math.max(a, row.cores), 1);
  const axis = rateAxis(steps.map((step) => step.ratePerSecond));
  const x = (field: string) => rates(field, axis, OFFERED);
  const y = (field: string): PositionFieldDef => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most * 1.1], nice: false },
    axis: { title: 'cores in use', format: '.2~f', tickCount: 6 },
  });
  const series = users.map(({ name }) => name);
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series },
    legend: { columns: 4, symbolOpacity: 1 },
  } as const;
  const shape = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series, range: series.map((_, index) => SERIES_SHAPES[index % SERIES_SHAPES.length] ?? 'circle') },
    legend: { columns: 4, symbolOpacity: 1 },
  } as const;
  const tooltip = textTooltip(['of', 'used', 'step', 'rate', 'verdict']);
  return composeChart(frame, {
    heightPx: 300,
    rows: [
      ...points,
      ...users.flatMap(({ name, coresOf }) =>
        medianRows(report, name, coresOf).map((row) => ({ ...row, medianCores: row.value })),
      ),
      { core: 1, coreLabel: 'one core' },
    ],
    layers: [
      {
        transform: having('core'),
        mark: { type: 'rule', color: LIMIT_COLOUR, strokeWidth: 1.5, strokeDash: [6, 3] },
        encoding: { y: y('core') },
      },
      {
        transform: having('core'),
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 4, dy: -3, fontSize: 11 },
        encoding: { x: { value: 0 }, y: y('core'), text: { field: 'coreLabel', type: 'nominal' } },
      },
      {
        transform: having('medianCores'),
        mark: { type: 'line', clip: true, strokeWidth: 2 },
        encoding: {
          x: x('medianAt'),
          y: y('medianCores'),
          color,
          strokeDash: {
            field: 'series',
            type: 'nominal',
            scale: {
              domain: series,
              range: series.map((_, index) => SERIES_DASHES[index % SERIES_DASHES.length] ?? [1, 0]),
            },
            legend: { columns: 4, symbolStrokeWidth: 0 },
          },
        },
      },
      ...[false, true].map((isFull) => ({
        transform: [...having('cores'), ...rowsOfMarks(isFull)],
        mark: {
          type: 'point',
          filled: isFull,
          opacity: isFull ? 0.9 : 0.5,
          size: 50,
          strokeWidth: 1.5,
          clip: true,
        } as const,
        encoding: { x: x('rateAt'), y: y('cores'), color, shape, tooltip },
      })),
    ],
  });
}

interface User {
  readonly name: string;
  readonly coresOf: (step: CapacityStep) => number | null;
}

/** Whatever used the processor. Of more masters than there are colours, the busiest and the median one. */
function usersOf({ steps }: CapacityReport): User[] {
  const count = steps.reduce((most, step) => Math.max(most, step.masterCpu.length), 0);
  const known = (step: CapacityStep): number[] => step.masterCpu.flatMap((share) => share ?? []);
  const masters: User[] =
    count + 2 <= SERIES_COLOURS
      ? Array.from({ length: count }, (_, index) => ({
          name: `master ${String(index + 1)}`,
          coresOf: (step) => step.masterCpu[index] ?? null,
        }))
      : [
          { name: 'busiest master', coresOf: (step) => spreadOf(known(step))?.most ?? null },
          { name: 'median master', coresOf: (step) => spreadOf(known(step))?.median ?? null },
        ];
  const all: User[] = [
    ...masters,
    { name: 'generator', coresOf: (step) => step.generatorCores },
    { name: 'other processes', coresOf: (step) => step.otherCores },
  ];
  return all.filter(({ coresOf }) => steps.some((step) => coresOf(step) !== null));
}

function pointRow({ name, coresOf }: User, step: CapacityStep): (Row & { readonly cores: number }) | undefined {
  const cores = coresOf(step);
  if (cores === null) return undefined;
  return {
    series: name,
    rateAt: step.ratePerSecond,
    cores,
    verdict: step.verdict,
    of: name,
    used: `${formatCpu(cores)} of a core`,
    step: `${String(step.number)}, ${step.purpose}`,
    rate: formatRate(step.ratePerSecond),
  };
}
