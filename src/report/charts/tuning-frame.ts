/**
 * What the charts of a tuning share: their words, how points look by their role, and the axes of their figures.
 *
 * @module
 */
import type { StageName, TunePoint, TuneStage, TuningReport } from '../../model/tuning.js';
import { nsToMs } from '../../model/time.js';
import {
  confirmationOf,
  describeTuning,
  hasQuantile,
  namePoint,
  roleOf,
  settingMs,
  STAGE_COLUMNS,
  tuningAlarm,
  type PointRole,
} from '../tuning-words.js';
import { logAxisMs, logTimes } from './axes.js';
import type { Frame, PositionFieldDef, Row } from './chart.js';

/** Says for which network it was tuned and under which load; and aloud, when the lock broke its promise. */
export function tuningFrame(
  report: TuningReport,
  stage: TuneStage,
  name: string,
  title: string,
  notes: readonly string[],
): Frame {
  return {
    name: `${stage.name}-${name}`,
    title,
    alarm: tuningAlarm(report),
    scenario: `${describeTuning(report)} · ${stage.load}`,
    notes,
  };
}

export interface RoleMark {
  readonly word: string;
  readonly shape: string;
  readonly colour: string;
  readonly isFull: boolean;
}

export const PREDICTED_COLOUR = '#b87800';

/** In the order of the legend. */
export const ROLE_MARKS: Readonly<Record<PointRole | 'predicted', RoleMark>> = {
  recommended: { word: 'recommended', shape: 'diamond', colour: '#1f9d5b', isFull: true },
  frontier: { word: 'on the frontier', shape: 'circle', colour: '#4f8fc0', isFull: true },
  beaten: { word: 'not on the frontier', shape: 'square', colour: '#7d8792', isFull: true },
  'left-out': { word: 'left out', shape: 'cross', colour: '#7d8792', isFull: false },
  confirmation: { word: 'recommendation, run again', shape: 'triangle-up', colour: '#e06000', isFull: false },
  predicted: { word: 'predicted', shape: 'triangle-down', colour: PREDICTED_COLOUR, isFull: false },
};

/** A point with its role. */
export interface RoledPoint {
  readonly point: TunePoint;
  readonly role: PointRole;
}

/** The points of a stage, and the second run of the recommendation where it has the load of this stage. */
export function roledPoints(report: TuningReport, stage: TuneStage): RoledPoint[] {
  const again = confirmationOf(report, stage.name);
  return [
    ...stage.points.map((point) => ({ point, role: roleOf(stage, point) })),
    ...(again === undefined ? [] : [{ point: again, role: 'confirmation' as const }]),
  ];
}

/** A figure of points on an axis. */
export interface PointAxis {
  readonly title: string;
  /** Null where the point has no such figure. */
  readonly valueOf: (point: TunePoint) => number | null;
  /** The ends of its interval; null without one. */
  readonly intervalOf: (point: TunePoint) => readonly [number, number] | null;
  readonly predictedOf: (point: TunePoint) => number | null;
  readonly kind: 'times' | 'share' | 'count';
}

const none = (): null => null;

const P99: PointAxis = {
  title: 'p99 response (ms)',
  valueOf: (point) => (hasQuantile(point, 0.99) ? nsToMs(point.p99Ns) : null),
  intervalOf: none,
  predictedOf: ({ predicted }) => {
    const ns = predicted?.p99Ns ?? null;
    return ns === null ? null : nsToMs(ns);
  },
  kind: 'times',
};
/** A point without a run that counts has no figures, whatever stands in their place. */
function isCounted({ leftOut, operations }: TunePoint): boolean {
  return leftOut === null && operations > 0;
}

/** The share of the intended operations that were acquired. */
export const SUCCESS: PointAxis = {
  title: 'success',
  valueOf: (point) => (isCounted(point) ? point.success.share : null),
  intervalOf: (point) => (isCounted(point) ? [point.success.low, point.success.high] : null),
  predictedOf: ({ predicted }) => predicted?.success ?? null,
  kind: 'share',
};
const ATTEMPTS: PointAxis = {
  title: 'attempts for each acquisition',
  valueOf: ({ attempts }) => (attempts > 0 ? attempts : null),
  intervalOf: none,
  predictedOf: none,
  kind: 'count',
};
const TTL: PointAxis = {
  title: 'ttl (ms): how long a crashed holder blocks its key',
  valueOf: (point) => (isCounted(point) ? point.settings.ttlMs : null),
  intervalOf: none,
  predictedOf: none,
  kind: 'times',
};
const OVERRUNS: PointAxis = {
  title: 'holds that outlived their validity',
  valueOf: (point) => (isCounted(point) ? (point.outlived?.share ?? null) : null),
  intervalOf: none,
  predictedOf: none,
  kind: 'share',
};

/** What a stage trades against what. */
export interface StageObjectives {
  readonly title: string;
  readonly x: PointAxis;
  readonly y: PointAxis;
  /** Which corner is best. */
  readonly best: string;
}

export const STAGE_OBJECTIVES: Readonly<Record<StageName, StageObjectives>> = {
  'node-timeout': {
    title: 'Per-node timeout: success against p99 response',
    x: P99,
    y: SUCCESS,
    best: 'better: up and to the left',
  },
  retry: {
    title: 'Wait before a retry: attempts against p99 response',
    x: P99,
    y: ATTEMPTS,
    best: 'better: down and to the left',
  },
  ttl: {
    title: 'Ttl: holds that outlived their validity against the ttl',
    x: TTL,
    y: OVERRUNS,
    best: 'better: down and to the left',
  },
};

/** The ends of an axis and its field, for values of this kind. */
export interface DrawnAxis {
  readonly field: (name: string) => PositionFieldDef;
  /** Where a value stands, from 0 to 1. */
  readonly placeOf: (value: number) => number;
}

const ROOM = 0.08;
/** The shortest axis: shares and counts that agree must look as if they did. */
const LEAST_SPAN = { share: 0.002, count: 0.2 } as const;

/** An axis over all these values: logarithmic for times, zoomed in for shares and counts. */
export function drawnAxis({ title, kind }: Pick<PointAxis, 'title' | 'kind'>, values: readonly number[]): DrawnAxis {
  if (kind === 'times') {
    const axis = logAxisMs(values);
    const [from, to] = axis.domain;
    return {
      field: (name) => logTimes(name, title, axis),
      placeOf: (value) => Math.log(value / from) / Math.log(to / from),
    };
  }
  const least = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const room = Math.max((most - least) * ROOM, LEAST_SPAN[kind] / 2);
  const [from, to] = [least - room, most + room];
  return {
    field: (name) => ({
      field: name,
      type: 'quantitative',
      scale: { domain: [from, to], nice: false, zero: false },
      axis: {
        title,
        tickCount: 6,
        format: kind === 'share' ? '.4~%' : '.3~f',
        // Room around 0 % and 100 % is no share that could be.
        ...(kind === 'share' ? { labelExpr: "datum.value < 0 || datum.value > 1 ? '' : datum.label" } : {}),
      },
    }),
    placeOf: (value) => (value - from) / (to - from),
  };
}

/** What a pointer shows of a point, column by column. */
export function pointTips(report: TuningReport, stage: TuneStage, { point, role }: RoledPoint): Row {
  return {
    setting: namePoint(report, stage, point),
    what: point.leftOut === null ? ROLE_MARKS[role].word : `left out: ${point.leftOut}`,
    ...Object.fromEntries(STAGE_COLUMNS[stage.name].map(({ name, cell }) => [name, cell(point).text])),
    runs: String(point.runs),
  };
}

/** The names of what a pointer shows. */
export function tipNames({ name }: TuneStage): string[] {
  return ['setting', 'what', ...STAGE_COLUMNS[name].map((column) => column.name), 'runs'];
}

/** Points in the order of their setting. */
export function bySetting(stage: TuneStage, points: readonly TunePoint[]): TunePoint[] {
  return [...points].sort((a, b) => settingMs(stage.name, a.settings) - settingMs(stage.name, b.settings));
}
