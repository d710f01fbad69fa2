/**
 * How many records it takes to state a quantile.
 *
 * @module
 */

/** Guards the comparison against 1 − 0.9 being a hair below 0.1. */
const ROUNDING = 1e-9;

/** Whether so many records can state this quantile (a share, 0 to 1): at least one of them must lie beyond it. */
export function isSupported(share: number, count: number): boolean {
  return count > 0 && count * (1 - share) >= 1 - ROUNDING;
}
