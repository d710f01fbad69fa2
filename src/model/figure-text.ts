/**
 * Numbers for people: how counts, rates and shares are written, wherever a sentence or a table has them.
 *
 * @module
 */

/** Writes a whole number in groups of three digits. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Writes an amount with as many digits as help: 12,345, 12.3 or 0.12. */
export function formatAmount(amount: number): string {
  if (amount >= 100 || Number.isInteger(amount)) return formatCount(amount);
  return amount.toFixed(amount >= 10 ? 1 : 2);
}

/** Writes a rate: `4,757/s`. */
export function formatRate(perSecond: number): string {
  return `${formatAmount(perSecond)}/s`;
}

/** Writes a number of things with the right form of their noun. */
export function formatThings(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Writes a share of 1 as a percentage that says 0 % or 100 % only when it is exactly that. */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return share === 0 ? '0 %' : '100 %';
  if (share > 0.9999 && share < 1) return '>99.99 %';
  if (share < 0.0001) return '<0.01 %';
  // Close to either end the second decimal is what people look for.
  return `${(share * 100).toFixed(share > 0.99 || share < 0.01 ? 2 : 1)} %`;
}

/** Writes a share of 1 as roughly as a sentence wants it: `3.5 %`, `12 %`. */
export function roughPercent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} %`;
}
