/**
 * The knee of latency against load: where more load begins to cost more than it brings.
 *
 * @module
 */
import type { Knee } from '../model/capacity.js';
import type { Ns } from '../model/time.js';

/** What was measured at one rate. */
export interface LoadPoint {
  readonly ratePerSecond: number;
  readonly responseP50Ns: Ns;
}

/** Fewer rates than these show no shape. */
const LEAST_RATES = 4;

/**
 * The rate at which Kleinrock's power, rate / response time, is the highest: no limit and no unit has to be chosen.
 *
 * In an M/M/1 queue it lies at half of the service rate, where on average one operation is in the system. Several points
 * of one rate count as their median. Of equal powers the lower rate is taken.
 *
 * Source: L. Kleinrock, "Power and deterministic rules of thumb for probabilistic problems in computer communications",
 * International Conference on Communications, 1979.
 *
 * @returns null when these data do not show a knee: fewer than four rates, or the highest power at the lowest or highest
 *   of them, where it may lie beyond
 */
export function findKnee(points: readonly LoadPoint[]): Knee | null {
  const rates = [...new Set(points.map(({ ratePerSecond }) => ratePerSecond))].sort((one, other) => one - other);
  if (rates.length < LEAST_RATES) return null;
  const curve = rates.map((ratePerSecond) => {
    const responses = points.filter((point) => point.ratePerSecond === ratePerSecond);
    return { ratePerSecond, responseP50Ns: lowerMedian(responses.map(({ responseP50Ns }) => responseP50Ns)) };
  });
  const powers = curve.map(({ ratePerSecond, responseP50Ns }) => ratePerSecond / responseP50Ns);
  const place = powers.indexOf(Math.max(...powers));
  const knee = curve[place];
  return knee === undefined || place === 0 || place === curve.length - 1 ? null : { method: 'power', ...knee };
}

/** A value that was measured, also where their number is even. */
function lowerMedian(values: readonly number[]): number {
  return Float64Array.from(values).sort()[Math.ceil(values.length / 2) - 1] ?? NaN;
}
