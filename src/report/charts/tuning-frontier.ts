/**
 * What a setting buys and what it costs: every point of a stage, the frontier, and the point that is recommended.
 *
 * @module
 */
import type { TuneStage, TuningReport } from '../../model/tuning.js';
import { formatPercent } from '../effect-words.js';
import { nameSetting } from '../tuning-words.js';
import { composeChart, emptyChart, type Chart, type Layer, type PositionFieldDef, type Row } from './chart.js';
import { placeLabels, type LabelPlace } from './label-places.js';
import { having, textTooltip } from './rows.js';
import {
  drawnAxis,
  pointTips,
  PREDICTED_COLOUR,
  ROLE_MARKS,
  roledPoints,
  STAGE_OBJECTIVES,
  tipNames,
  tuningFrame,
  type DrawnAxis,
  type RoledPoint,
} from './tuning-frame.js';

const HEIGHT_PX = 340;
/** Of the plot without its axis; the page may be narrower, where only the recommendation keeps its name. */
const PLOT_PX = 720;
const ROOMY_PX = 560;

/** The frontier of one stage. */
export function frontierOfStage(report: TuningReport, stage: TuneStage): Chart {
  const { title, x, y, best } = STAGE_OBJECTIVES[stage.name];
  const all = roledPoints(report, stage);
  const isPredicted = all.some(({ point }) => y.predictedOf(point) !== null && x.predictedOf(point) !== null);
  const frame = tuningFrame(report, stage, 'frontier', title, [
    `${best}; line: the frontier, which no other point beats in both`,
    ...(all.some(({ point }) => y.intervalOf(point) !== null) ? ['bar: 95 % interval of the success (Wilson)'] : []),
    ...(isPredicted ? ['predicted: order statistics of the measured round trips, masters taken as independent'] : []),
  ]);
  const drawn = all.flatMap(({ point, role }) => {
    const [atX, atY] = [x.valueOf(point), y.valueOf(point)];
    return atX === null || atY === null ? [] : [{ point, role, atX, atY }];
  });
  if (drawn.length === 0) return emptyChart(frame, whyEmpty(stage));
  const predictions = drawn.flatMap(({ point, role }) => {
    const [atX, atY] = [x.predictedOf(point), y.predictedOf(point)];
    return role === 'confirmation' || atX === null || atY === null ? [] : [{ point, role, atX, atY }];
  });
  const target = stage.name === 'node-timeout' ? report.targetSuccess : null;
  const [xAxis, yAxis] = [
    drawnAxis(
      x,
      [...drawn, ...predictions].map(({ atX }) => atX),
    ),
    drawnAxis(y, [
      ...[...drawn, ...predictions].map(({ atY }) => atY),
      ...drawn.flatMap(({ point }) => y.intervalOf(point) ?? []),
      ...(target === null ? [] : [target]),
    ]),
  ];
  const kinds = Object.entries(ROLE_MARKS)
    .filter(([role]) => (role === 'predicted' ? predictions.length > 0 : drawn.some((each) => each.role === role)))
    .map(([, mark]) => mark);
  const marked = {
    color: {
      field: 'kind',
      type: 'nominal',
      scale: { domain: kinds.map(({ word }) => word), range: kinds.map(({ colour }) => colour) },
      legend: { columns: 3, symbolOpacity: 1 },
    },
    shape: {
      field: 'kind',
      type: 'nominal',
      scale: { domain: kinds.map(({ word }) => word), range: kinds.map(({ shape }) => shape) },
      legend: { columns: 3, symbolOpacity: 1 },
    },
    tooltip: textTooltip(tipNames(stage)),
  } as const;
  const names = namesOf(stage, drawn, predictions, xAxis, yAxis);
  return composeChart(frame, {
    heightPx: HEIGHT_PX,
    rows: [
      ...drawn.map((each, index) => ({
        ...pointTips(report, stage, each),
        kind: ROLE_MARKS[each.role].word,
        atX: each.atX,
        atY: each.atY,
        nameTop: y.intervalOf(each.point)?.[1] ?? each.atY,
        nameBottom: y.intervalOf(each.point)?.[0] ?? each.atY,
        low: y.intervalOf(each.point)?.[0] ?? null,
        high: y.intervalOf(each.point)?.[1] ?? null,
        isFull: ROLE_MARKS[each.role].isFull ? 1 : 0,
        isRecommended: each.role === 'recommended' ? 1 : 0,
        onFrontier: each.role !== 'confirmation' && each.point.isOnFrontier ? 1 : 0,
        ...names[index],
      })),
      ...predictions.map((each) => ({
        ...pointTips(report, stage, each),
        what: ROLE_MARKS.predicted.word,
        kind: ROLE_MARKS.predicted.word,
        predictedX: each.atX,
        predictedY: each.atY,
        measuredX: x.valueOf(each.point),
        measuredY: y.valueOf(each.point),
      })),
      ...(target === null ? [] : [{ target, targetLabel: `asked for: ${formatPercent(target)}` }]),
    ],
    layers: [
      ...targetLayers(yAxis),
      {
        transform: [{ filter: 'datum.onFrontier === 1' }],
        mark: { type: 'line', color: ROLE_MARKS.frontier.colour, strokeWidth: 1.5, opacity: 0.7, clip: true },
        encoding: {
          x: xAxis.field('atX'),
          y: yAxis.field('atY'),
          order: { field: 'atX', type: 'quantitative' },
        },
      },
      {
        transform: having('low'),
        mark: { type: 'rule', strokeWidth: 2, opacity: 0.6, clip: true },
        encoding: {
          x: xAxis.field('atX'),
          y: yAxis.field('low'),
          y2: { field: 'high' },
          color: marked.color,
        },
      },
      {
        transform: having('predictedX'),
        mark: { type: 'rule', color: PREDICTED_COLOUR, strokeWidth: 1, strokeDash: [2, 2], clip: true },
        encoding: {
          x: xAxis.field('predictedX'),
          y: yAxis.field('predictedY'),
          x2: { field: 'measuredX' },
          y2: { field: 'measuredY' },
        },
      },
      {
        transform: having('predictedX'),
        mark: { type: 'point', filled: false, opacity: 0.9, size: 50, strokeWidth: 1.5, clip: true },
        encoding: { x: xAxis.field('predictedX'), y: yAxis.field('predictedY'), ...marked },
      },
      ...['datum.isFull === 1 && datum.isRecommended === 0', 'datum.isFull === 0', 'datum.isRecommended === 1'].map(
        (filter, index) => ({
          transform: [...having('atX'), { filter }],
          mark: {
            type: 'point',
            filled: index !== 1,
            opacity: 1,
            size: index === 2 ? 220 : 90,
            strokeWidth: 2,
            clip: true,
          } as const,
          encoding: { x: xAxis.field('atX'), y: yAxis.field('atY'), ...marked },
        }),
      ),
      ...nameLayers(xAxis.field('atX'), yAxis),
    ],
  });
}

function whyEmpty({ points, load }: TuneStage): string {
  return points.length === 0 ? `There is nothing to draw: ${load}.` : 'No point acquired enough locks to be drawn.';
}

interface Placed extends RoledPoint {
  readonly atX: number;
  readonly atY: number;
}

/** The name of each point at the place that is free for it; a point on which there is no room keeps it for the pointer. */
function namesOf(
  stage: TuneStage,
  drawn: readonly Placed[],
  predictions: readonly Placed[],
  xAxis: DrawnAxis,
  yAxis: DrawnAxis,
): Row[] {
  const barOf = ({ point }: Placed) => {
    const ends = STAGE_OBJECTIVES[stage.name].y.intervalOf(point);
    return ends === null ? undefined : { top: 1 - yAxis.placeOf(ends[1]), bottom: 1 - yAxis.placeOf(ends[0]) };
  };
  const at = ({ atX, atY }: Placed) => ({ x: xAxis.placeOf(atX), y: 1 - yAxis.placeOf(atY) });
  const texts = drawn.map(({ point, role }) => {
    const name = nameSetting(stage.name, point.settings);
    return role === 'recommended' ? `${name}, recommended` : role === 'confirmation' ? '' : name;
  });
  const places = placeLabels(
    [
      ...drawn.map((each, index) => ({
        ...at(each),
        text: texts[index] ?? '',
        rank: RANKS[each.role],
        bar: barOf(each),
      })),
      ...predictions.map((each) => ({ ...at(each), text: '', rank: Infinity })),
    ],
    PLOT_PX,
    HEIGHT_PX,
  );
  return drawn.map((_, index): Row => {
    const place = places[index] ?? null;
    return place === null ? {} : { [`name-${place}`]: texts[index] ?? '' };
  });
}

const RANKS = { recommended: 0, frontier: 1, 'left-out': 3, beaten: 2, confirmation: 4 } as const;

const PLACES: Readonly<Record<LabelPlace, object>> = {
  right: { align: 'left', baseline: 'middle', dx: 9 },
  left: { align: 'right', baseline: 'middle', dx: -9 },
  above: { align: 'center', baseline: 'bottom', dy: -8 },
  below: { align: 'center', baseline: 'top', dy: 8 },
};

function nameLayers(x: PositionFieldDef, yAxis: DrawnAxis): Layer[] {
  return Object.entries(PLACES).flatMap(([place, look]) =>
    [true, false].map((isRecommended): Layer => ({
      transform: [...having(`name-${place}`), { filter: `datum.isRecommended === ${isRecommended ? '1' : '0'}` }],
      mark: { type: 'text', fontSize: 11, fontWeight: isRecommended ? 'bold' : 'normal', ...look },
      encoding: {
        x,
        y: yAxis.field(place === 'above' ? 'nameTop' : place === 'below' ? 'nameBottom' : 'atY'),
        text: isRecommended
          ? { field: `name-${place}`, type: 'nominal' }
          : {
              condition: { test: `width > ${String(ROOMY_PX)}`, field: `name-${place}`, type: 'nominal' },
              value: '',
            },
      },
    })),
  );
}

function targetLayers(yAxis: DrawnAxis): Layer[] {
  return [
    {
      transform: having('target'),
      mark: { type: 'rule', color: '#e0455a', strokeWidth: 1.5, strokeDash: [6, 3], clip: true },
      encoding: { y: yAxis.field('target') },
    },
    {
      transform: having('target'),
      mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, dy: 3, fontSize: 11 },
      encoding: { x: { value: 0 }, y: yAxis.field('target'), text: { field: 'targetLabel', type: 'nominal' } },
    },
  ];
}
