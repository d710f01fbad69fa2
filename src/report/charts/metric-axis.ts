/**
 * Axes of metrics: the unit, and the part of the axis where the values are.
 *
 * @module
 */
import type { Metric } from '../../model/comparison.js';
import { nsToMs } from '../../model/time.js';
import type { PositionFieldDef } from './chart.js';

/** A value on the axis of its metric. */
export function inAxisUnit({ unit }: Metric, value: number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  return unit === 'ns' || unit === 'nsPerAcquisition' ? nsToMs(value) : value;
}

/** Beyond this ratio of the most to the least a linear axis would crowd the small values together. */
const CROWDED = 4;
const ROOM = 0.06;
/** The shortest linear axis, as a part of the largest value, and for shares. */
const LEAST_SPAN = 0.1;
const LEAST_SHARE = 0.01;

/** The part of the axis where the runs are: logarithmic where they are far apart, and never for shares. */
export function metricAxis(field: string, { unit, label }: Metric, known: readonly number[]): PositionFieldDef {
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  const most = known.reduce((a, b) => Math.max(a, b), -Infinity);
  const isLog = unit !== 'share' && least > 0 && most / least > CROWDED;
  // Runs that agree must look as if they did: an axis of a thousandth would blow up their noise.
  const missing = (unit === 'share' ? LEAST_SHARE : Math.abs(most) * LEAST_SPAN) - (most - least);
  const room = Math.max((most - least) * ROOM, missing / 2);
  const factor = (most / least) ** ROOM;
  // Nothing but zeros says nothing about how long the axis should be.
  const isNothing = unit !== 'share' && least === 0 && most === 0;
  const ends = isNothing ? [-ROOM, 1] : [least - room, most + room];
  const isTime = unit === 'ns' || unit === 'nsPerAcquisition';
  return {
    field,
    type: 'quantitative',
    scale: {
      ...(isLog ? { type: 'log' } : { zero: false }),
      domain: isLog ? [least / factor, most * factor] : ends,
      nice: false,
    },
    axis: {
      title: `${label}${isTime ? ' (ms)' : unit === 'perSecond' ? ' (1/s)' : ''}`,
      format: unit === 'share' ? '.3~%' : ',~f',
      ...(isLog ? { values: labelsOf(least / factor, most * factor) } : { tickCount: 6 }),
    },
  };
}

/** Automatic logarithmic labels skip what people look for. */
function labelsOf(from: number, to: number): number[] {
  const first = Math.floor(Math.log10(from));
  const powers = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, index) => first + index);
  return powers
    .flatMap((power) => [1, 2, 5].map((step) => Number(`${String(step)}e${String(power)}`)))
    .filter((value) => value >= from && value <= to);
}

/** As the charts beside it are named: `responseP99` becomes `response-p99`. */
export function metricFileName({ name }: Metric): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
