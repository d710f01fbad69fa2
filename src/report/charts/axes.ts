/**
 * Axes with units and explicit values: automatic logarithmic labels skip what people look for.
 *
 * @module
 */

import type { PositionFieldDef } from './chart.js';

/** The ends of a logarithmic axis of milliseconds and where its labels stand. */
export interface LogAxis {
  readonly domain: readonly [number, number];
  readonly values: readonly number[];
}

const LEAST_MS = 0.001;
/** Beyond so many decades the labels at 2 and 5 would run into each other. */
const DECADES_WITH_STEPS = 3;

/** Spans all the given times with some room; times below a microsecond, which a logarithm cannot show, count as one. */
export function logAxisMs(timesMs: readonly number[]): LogAxis {
  const known = timesMs.map((each) => Math.max(each, LEAST_MS));
  // Not Math.min(...known): a long run has more values than a call may have arguments.
  const least = known.reduce((a, b) => Math.min(a, b), Infinity);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return { domain: [0.1, 10], values: [0.1, 1, 10] };
  const domain: [number, number] = [stepBelow(least), stepAbove(most)];
  const decades = Math.log10(domain[1] / domain[0]);
  const steps = decades <= DECADES_WITH_STEPS ? [1, 2, 5] : [1];
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(domain[0])); power <= Math.ceil(Math.log10(domain[1])); power++) {
    for (const step of steps) {
      const value = Number(`${String(step)}e${String(power)}`);
      if (value >= domain[0] && value <= domain[1]) values.push(value);
    }
  }
  return { domain, values };
}

/** Where on a logarithmic axis, from 0 to 1. */
export function placeOn({ domain: [from, to] }: Pick<LogAxis, 'domain'>, value: number): number {
  return Math.log(value / from) / Math.log(to / from);
}

/** A field of milliseconds on such an axis. */
export function logTimes(field: string, title: string, { domain, values }: LogAxis): PositionFieldDef {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: { title, values: [...values], format: ',~f' },
  };
}

function stepBelow(value: number): number {
  return step(value, (candidate) => candidate <= value * 0.95, 'down');
}

function stepAbove(value: number): number {
  return step(value, (candidate) => candidate >= value * 1.1, 'up');
}

function step(value: number, fits: (candidate: number) => boolean, direction: 'up' | 'down'): number {
  const power = Math.floor(Math.log10(value));
  const candidates = [power - 1, power, power + 1].flatMap((each) =>
    [1, 2, 5].map((digit) => Number(`${String(digit)}e${String(each)}`)),
  );
  const ordered = direction === 'up' ? candidates : candidates.reverse();
  return ordered.find(fits) ?? value;
}
