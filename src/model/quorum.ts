/**
 * How many masters decide.
 *
 * @module
 */

/** The smallest majority: floor(N/2)+1, of the configured masters and never of the connected ones. */
export function quorumOf(masters: number): number {
  return Math.floor(masters / 2) + 1;
}
