/**
 * What the charts of a search for capacity share: their words, the axis of rates, and how the verdicts of steps look.
 *
 * @module
 */
import type { CapacityReport, CapacityStep, StepVerdict } from '../../model/capacity.js';
import { spreadOf } from '../arm-figures.js';
import { capacityAlarm, describeSearch, STEP_MEANINGS } from '../capacity-words.js';
import type { Frame, PositionFieldDef, Row } from './chart.js';

/** Says how it was searched; and aloud, when the lock broke its promise. */
export function capacityFrame(report: CapacityReport, name: string, title: string, notes: readonly string[]): Frame {
  return { name, title, alarm: capacityAlarm(report), scenario: describeSearch(report), notes };
}

export interface StepMark {
  readonly shape: string;
  /** What says nothing of the masters is hollow and faint. */
  readonly isFull: boolean;
  readonly colour: string;
}

/** In the order of the legend. */
export const STEP_MARKS: Readonly<Record<StepVerdict, StepMark>> = {
  met: { shape: 'circle', isFull: true, colour: '#1f9d5b' },
  missed: { shape: 'triangle-down', isFull: true, colour: '#e0455a' },
  invalid: { shape: 'square', isFull: false, colour: '#7d8792' },
  unsettled: { shape: 'diamond', isFull: false, colour: '#7d8792' },
};

/** Bands and rules that read on white and on black. */
export const BAND_COLOUR = '#8a96a3';
export const LIMIT_COLOUR = '#e0455a';
export const NAMED_COLOUR = '#b87800';

/** The verdicts that steps have, in the order of the legend. */
export function verdictsOf(steps: readonly CapacityStep[]): StepVerdict[] {
  const all = Object.keys(STEP_MARKS) as StepVerdict[];
  return all.filter((verdict) => steps.some((step) => step.verdict === verdict));
}

/** What a verdict means, and how it looks. */
export function verdictNote(verdict: StepVerdict): string {
  return `${verdict}${STEP_MARKS[verdict].isFull ? '' : ' (hollow)'}: ${STEP_MEANINGS[verdict]}`;
}

/** Keeps the rows of steps that are drawn full, or those that are hollow. */
export function rowsOfMarks(isFull: boolean): { filter: string }[] {
  const names = Object.entries(STEP_MARKS).flatMap(([verdict, mark]) => (mark.isFull === isFull ? [verdict] : []));
  return [{ filter: `indexof(${JSON.stringify(names)}, datum.verdict) >= 0` }];
}

/** Steps that count, by rate in rising order. */
function countingSteps(steps: readonly CapacityStep[]): (readonly [number, readonly CapacityStep[]])[] {
  const counting = steps.filter(({ verdict }) => STEP_MARKS[verdict].isFull);
  const rates = [...new Set(counting.map((step) => step.ratePerSecond))].sort((a, b) => a - b);
  return rates.map((rate) => [rate, counting.filter((step) => step.ratePerSecond === rate)]);
}

/** Rows of the median of a figure at each rate, for a line through them. */
export function medianRows(
  report: CapacityReport,
  series: string,
  valueOf: (step: CapacityStep) => number | null,
): (Row & { readonly medianAt: number; readonly value: number })[] {
  return countingSteps(report.steps).flatMap(([rate, steps]) => {
    const median = spreadOf(steps.flatMap((step) => valueOf(step) ?? []))?.median;
    return median === undefined ? [] : [{ series, medianAt: rate, value: median }];
  });
}

export interface RateAxis {
  readonly domain: readonly [number, number];
  readonly values: readonly number[];
}

const ROOM = 1.06;
/** Where labels may stand, by how many times the end of the axis is its beginning. */
const STEPS_BY_SPAN: readonly (readonly [number, readonly number[]])[] = [
  [2.5, [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9]],
  [12, [1, 1.5, 2, 3, 4, 5, 7]],
  [1_000, [1, 2, 5]],
  [Infinity, [1]],
];

/** A logarithmic axis over all these rates. */
export function rateAxis(ratesPerSecond: readonly number[]): RateAxis {
  const least = ratesPerSecond.reduce((a, b) => Math.min(a, b), Infinity);
  const most = ratesPerSecond.reduce((a, b) => Math.max(a, b), 0);
  // One rate alone still needs an axis around it.
  const room = least === most ? 1.5 : Math.max(ROOM, (most / least) ** 0.04);
  const domain: [number, number] = [least / room, most * room];
  const steps = STEPS_BY_SPAN.find(([span]) => domain[1] / domain[0] <= span)?.[1] ?? [1];
  const first = Math.floor(Math.log10(domain[0]));
  const powers = Array.from({ length: Math.ceil(Math.log10(domain[1])) - first + 1 }, (_, index) => first + index);
  const values = powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(4))))
    .filter((value) => value >= domain[0] && value <= domain[1]);
  return { domain, values };
}

/** A field of rates on such an axis. */
export function rates(field: string, { domain, values }: RateAxis, title: string): PositionFieldDef {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: { title, values: [...values], format: ',~r', grid: false },
  };
}

/** The title of the axis that most of the charts have. */
export const OFFERED = 'offered rate (operations/s)';

/** The ends of the answer: a band of rates, or one rate. */
export function answerEnds({ answer }: CapacityReport): { readonly low: number | null; readonly high: number | null } {
  return {
    low: answer.kind === 'bracket' || answer.kind === 'at-least' ? answer.meetsPerSecond : null,
    high: answer.kind === 'bracket' || answer.kind === 'below' ? answer.missesPerSecond : null,
  };
}
