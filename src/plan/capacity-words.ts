/**
 * How rates and shares are written in what a capacity search says.
 *
 * @module
 */

const SIGNIFICANT_DIGITS = 3;

/** `1,600/s`; rates below a hundred keep three digits. */
export function formatRate(perSecond: number): string {
  const rounded = perSecond < 100 ? Number(perSecond.toPrecision(SIGNIFICANT_DIGITS)) : Math.round(perSecond);
  return `${rounded.toLocaleString('en-US', { maximumFractionDigits: 20 })}/s`;
}

/** The rate with what is offered: `1,600 operations/s`. */
export function formatOperations(perSecond: number): string {
  return formatRate(perSecond).replace('/s', ' operations/s');
}

/** A share in whole percent. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
