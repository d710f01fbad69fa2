/**
 * What rank tests have in common: mid-ranks, and the normal tail that stands in where counting would take too long.
 *
 * @module
 */

/** The mid-rank of each value, times two: a whole number even where values are equal. */
export function doubledMidRanks(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  // First plus last place, counted from 1: twice the mean place.
  return values.map((value) => sorted.indexOf(value) + sorted.lastIndexOf(value) + 2);
}

/** The two-sided p-value of a sum of doubled ranks at a distance from its mean, taken as normal with this deviation. */
export function approximatePValue(distance: number, deviation: number): number {
  // Half a rank less for continuity, and no division where all values are equal and the deviation is 0.
  const excess = Math.abs(distance) - 1;
  return excess <= 0 ? 1 : 2 * normalTail(excess / deviation);
}

/**
 * P(Z > z) of a standard normal Z, to 13 digits.
 *
 * Below 2: 1/2 − φ(z) · (z + z³/3 + z⁵/(3·5) + …), a sum of positive terms (G. Marsaglia, "Evaluating the normal
 * distribution", Journal of Statistical Software 11(4), 2004). From 2 on, where that difference would lose digits:
 * Laplace's fraction φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))). φ is the density.
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 2) {
    let term = z;
    let series = z;
    for (let odd = 3; term > series * Number.EPSILON; odd += 2) {
      term *= z ** 2 / odd;
      series += term;
    }
    return 0.5 - density * series;
  }
  let fraction = z;
  for (let level = 100; level >= 1; level--) fraction = z + level / fraction;
  return density / fraction;
}

/** Refuses what has no rank or no distance. */
export function requireFinite(values: readonly number[]): void {
  const stray = values.find((value) => !Number.isFinite(value));
  if (stray === undefined) return;
  throw new RangeError(`expected finite numbers, got ${String(stray)}: leave out what was not measured`);
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
