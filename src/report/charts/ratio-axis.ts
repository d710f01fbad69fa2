/**
 * A logarithmic axis of ratios around 1, where half and double are equally far.
 *
 * @module
 */
import type { PositionFieldDef } from './chart.js';

export interface RatioAxis {
  readonly domain: readonly [number, number];
  readonly values: readonly number[];
}

const LEAST_SPAN = 1.12;
const ROOM = 1.04;
/** Where labels may stand, by how many times the end of the axis is its beginning. */
const FINE = [0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.25];
const MIDDLE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 5];
const FINE_SPAN = 1.5;
const MIDDLE_SPAN = 8;
const STEPS_SPAN = 1_000;

/** Spans all the ratios and 1; those that are not above zero, which a logarithm cannot show, are passed over. */
export function ratioAxis(ratios: readonly number[]): RatioAxis {
  const known = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  const least = known.reduce((a, b) => Math.min(a, b), 1 / LEAST_SPAN);
  const most = known.reduce((a, b) => Math.max(a, b), LEAST_SPAN);
  const room = Math.max(ROOM, (most / least) ** 0.03);
  const domain: [number, number] = [least / room, most * room];
  return { domain, values: candidates(domain).filter((value) => value >= domain[0] && value <= domain[1]) };
}

/** A field of ratios on such an axis. */
export function ratios(field: string, title: string, { domain, values }: RatioAxis): PositionFieldDef {
  return {
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [...domain], nice: false },
    axis: { title, values: [...values], format: ',~f' },
  };
}

function candidates([from, to]: readonly [number, number]): number[] {
  const span = to / from;
  if (span <= FINE_SPAN) return FINE;
  if (span <= MIDDLE_SPAN) return MIDDLE;
  const steps = span <= STEPS_SPAN ? [1, 2, 5] : [1];
  const powers = Array.from(
    { length: Math.ceil(Math.log10(to)) - Math.floor(Math.log10(from)) + 1 },
    (_, index) => Math.floor(Math.log10(from)) + index,
  );
  return powers.flatMap((power) => steps.map((step) => Number(`${String(step)}e${String(power)}`)));
}
