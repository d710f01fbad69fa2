/**
 * Zipf-distributed ranks.
 *
 * @module
 */
import type { Random } from '../model/random.js';

/**
 * Draws ranks 0 … count−1, rank k with a probability proportional to 1 / (k + 1)^theta, for any theta above 0.
 *
 * Rejection-inversion after W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6(3), 1996: constant time and memory whatever the count, unlike a table, and
 * exact, unlike the approximation of Gray et al. that YCSB uses, which needs theta below 1.
 *
 * Legend: h(x) = 1 / x^theta is the hat; H(x) is its integral; a uniform draw between H(1.5) − h(1) and
 * H(count + 0.5) is inverted through H and rounded to the nearest rank; it is kept when it falls under the histogram
 * of the true probabilities, at once (the squeeze) for all draws close enough to their rank.
 */
export function zipfSampler(count: number, theta: number, random: Random): () => number {
  const integral = (x: number): number => integralOfHat(x, theta);
  const integralAtOne = integral(1.5) - 1;
  const integralAtCount = integral(count + 0.5);
  const squeeze = 2 - inverseIntegral(integral(2.5) - 2 ** -theta, theta);
  return () => {
    for (;;) {
      const u = integralAtCount + random.next() * (integralAtOne - integralAtCount);
      const x = inverseIntegral(u, theta);
      const rank = Math.min(Math.max(Math.round(x), 1), count);
      if (rank - x <= squeeze || u >= integral(rank + 0.5) - rank ** -theta) return rank - 1;
    }
  };
}

/** (x^(1−theta) − 1) / (1 − theta), continued to log x at theta = 1. */
function integralOfHat(x: number, theta: number): number {
  const logX = Math.log(x);
  return expm1OverX((1 - theta) * logX) * logX;
}

function inverseIntegral(y: number, theta: number): number {
  // Rounding may push the argument of log1p just below its pole when theta is large.
  const t = Math.max(y * (1 - theta), -1);
  return Math.exp(log1pOverX(t) * y);
}

function expm1OverX(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2;
}

function log1pOverX(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2;
}
