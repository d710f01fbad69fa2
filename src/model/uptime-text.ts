/**
 * Shares of time in which something is up, in words.
 *
 * @module
 */

/** Keeps what is exact in decimals from losing its last digit. */
const HAIR = 1e-6;

/** `99.976 %`: rounded down, because the last digits are minutes a year and 100 % is a promise; five digits from 99.9 % on. */
export function formatUptime(share: number): string {
  if (share === 1) return '100 %';
  const digits = share > 0.999 ? 5 : 3;
  const step = 10 ** digits;
  return `${(Math.min(Math.floor(share * 100 * step + HAIR), 100 * step - 1) / step).toFixed(digits)} %`;
}
