/**
 * Counted shares: how far the true share may lie from the counted one.
 *
 * @module
 */
import type { CountedShare } from '../model/tuning.js';

/** The 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * The share of successes with its 95 % interval after Wilson.
 *
 *   (p + z²/2n ± z · √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)
 *
 * Legend: p is successes / trials, n is `trials`, z = 1.96. It stays within 0 and 1 and has a width where all or none
 * succeeded, which the textbook's p ± z · √(p(1 − p)/n) does not. It takes the trials as independent: operations that
 * fail together, as in a stall, deserve a wider one. Without trials the share is NaN and the interval is 0 to 1.
 *
 * Sources: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
 * Statistical Association 22, 1927; recommended by L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a
 * binomial proportion", Statistical Science 16(2), 2001.
 *
 * @throws RangeError unless both are whole numbers and 0 ≤ successes ≤ trials
 */
export function wilson(successes: number, trials: number): CountedShare {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials)) {
    throw new RangeError(`expected a count from 0 to all trials, got ${String(successes)} of ${String(trials)}`);
  }
  if (trials === 0) return { share: NaN, low: 0, high: 1 };
  const share = successes / trials;
  const perTrial = Z ** 2 / trials;
  const center = share + perTrial / 2;
  const halfWidth = Z * Math.sqrt((share * (1 - share)) / trials + perTrial / trials / 4);
  return {
    share,
    // Rounding must not move the ends that are exact.
    low: successes === 0 ? 0 : (center - halfWidth) / (1 + perTrial),
    high: successes === trials ? 1 : (center + halfWidth) / (1 + perTrial),
  };
}
