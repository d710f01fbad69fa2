/**
 * What the Universal Scalability Law says about measured rates, how sure that is, and when it says nothing.
 *
 * @module
 */
import type { Estimate, ScalingFit } from '../model/capacity.js';
import { randomNormal, type Random } from '../model/random.js';
import { bootstrapInterval } from './bootstrap.js';
import { requireFinite, sum } from './ranks.js';
import {
  fitCurve,
  leverages,
  peakClients,
  peakRate,
  rateAt,
  squaresLeft,
  type Curve,
  type LoadRate,
} from './scalability-curve.js';

/** With fewer loads a curve of three parameters shows little but itself. */
const LEAST_LOADS = 6;
const RESAMPLES = 2_000;
const PARAMETERS = 3;
/** A κ that slows the most clients by less than this is none. */
const NEGLIGIBLE_SLOWDOWN = 0.01;

export interface ScalingAnswer {
  /** Null when it was refused. */
  readonly fit: ScalingFit | null;
  /** Why there is no fit or no peak, in one sentence; null when there are both. */
  readonly refusal: string | null;
}

/**
 * Fits the law to the rates of a closed loop, each parameter and the peak with a 95 % interval, or says why not.
 *
 * The curve is that of least squares (as R's `usl` and the book fit it). The intervals are percentiles of a parametric
 * bootstrap: every point is drawn anew around the curve, normal, with the scatter of all residuals, taken as constant or
 * as proportional to the rate, whichever is larger at that point; and that scatter is drawn, too, as that of so few
 * residuals (χ²). Residuals that change places, as in the usual bootstrap, cover κ in 58 of 100 cases with six points and
 * 83 with eight; these cover each parameter and the peak in 91 to 99 of 100, with 6 to 24 points and scatter of
 * either kind.
 *
 * The peak √((1 − σ) / κ) is given only where these data show one: the interval of κ stays off 0 (in fact off what costs the
 * most clients 1 %), and the peak lies within the loads that were measured.
 *
 * Sources: N. J. Gunther, "Guerrilla Capacity Planning", 2007; A. C. Davison and D. V. Hinkley, "Bootstrap Methods and
 * their Application", 1997, chapters 2 and 7.
 *
 * @param points one a run, in any order; six different numbers of clients or more
 * @param resampleCount 2,000 for intervals that are shown
 * @throws RangeError for a rate that is negative or not finite, or clients that are no whole number from 1
 */
export function fitScalability(points: readonly LoadRate[], random: Random, resampleCount = RESAMPLES): ScalingAnswer {
  for (const point of points) requireMeasured(point);
  const loads = [...new Set(points.map(({ clients }) => clients))].sort((one, other) => one - other);
  if (loads.length < LEAST_LOADS) {
    return refuse(
      `Not from this data: the scalability law needs ${String(LEAST_LOADS)} different numbers of clients, and there are ${String(loads.length)}.`,
    );
  }
  if (!points.some(({ ratePerSecond }) => ratePerSecond > 0)) {
    return refuse('Not from this data: nothing was acquired with any number of clients.');
  }
  const curve = fitCurve(points);
  const resamples = resampledCurves(points, curve, random, resampleCount);
  const estimate = (of: (curve: Curve) => number): Estimate => ({
    value: of(curve),
    ...bootstrapInterval(resamples.map(of)),
  });
  const kappa = estimate((one) => one.kappa);
  const refusal = whyNoPeak(curve, kappa, loads);
  const peak = { clients: estimate(peakClients), ratePerSecond: estimate(peakRate) };
  return {
    fit: {
      lambda: estimate((one) => one.lambda),
      sigma: estimate((one) => one.sigma),
      kappa,
      peak: refusal === null ? peak : null,
      r2: explainedShare(points, curve),
    },
    refusal,
  };
}

function refuse(refusal: string): ScalingAnswer {
  return { fit: null, refusal };
}

function whyNoPeak(curve: Curve, kappa: Estimate, loads: readonly number[]): string | null {
  const [fewest, most] = [loads[0] ?? NaN, loads.at(-1) ?? NaN];
  const nowhere = `Not from this data: there is no peak in the range of ${String(fewest)} to ${String(most)} clients`;
  if (kappa.low * most * (most - 1) < NEGLIGIBLE_SLOWDOWN) {
    return `${nowhere}, as what pairs of clients cost (κ) may as well be nothing.`;
  }
  const peak = peakClients(curve);
  if (peak > most) return `${nowhere}; the curve would have it at ${peak.toFixed(0)}, where nothing was measured.`;
  return peak < fewest ? `${nowhere}; the rate falls from the fewest clients on.` : null;
}

/** The curves through points that might as well have been measured. */
function resampledCurves(points: readonly LoadRate[], curve: Curve, random: Random, count: number): Curve[] {
  const middles = points.map(({ clients }) => rateAt(curve, clients));
  const deviations = deviationsOf(points, curve);
  const freedom = points.length - PARAMETERS;
  return Array.from({ length: count }, () => {
    const scatter = Math.sqrt(freedom / sum(Array.from({ length: freedom }, () => randomNormal(random) ** 2)));
    const resample = points.map(({ clients }, index) => {
      const deviation = scatter * (deviations[index] ?? 0) * randomNormal(random);
      return { clients, ratePerSecond: Math.max(0, (middles[index] ?? 0) + deviation) };
    });
    return resample.some(({ ratePerSecond }) => ratePerSecond > 0) ? fitCurve(resample, curve) : curve;
  });
}

/** Of each rate around the curve: constant, or proportional to the rate, whichever is larger. */
function deviationsOf(points: readonly LoadRate[], curve: Curve): number[] {
  const squares = squaresLeft(points, curve);
  const leverage = leverages(points, curve);
  const constant = Math.sqrt(squares / (points.length - PARAMETERS));
  const rates = points.map(({ clients }) => rateAt(curve, clients));
  // What proportional scatter of 1 would leave beside the curve, which follows each point by its leverage.
  const unit = sum(rates.map((rate, index) => rate ** 2 * (1 - (leverage[index] ?? 0))));
  return rates.map((rate) => Math.max(constant, rate * Math.sqrt(squares / unit)));
}

function explainedShare(points: readonly LoadRate[], curve: Curve): number {
  const mean = sum(points.map(({ ratePerSecond }) => ratePerSecond)) / points.length;
  const scatter = sum(points.map(({ ratePerSecond }) => (ratePerSecond - mean) ** 2));
  // Rates that are all equal leave nothing to explain.
  return scatter === 0 ? 1 : 1 - squaresLeft(points, curve) / scatter;
}

function requireMeasured({ clients, ratePerSecond }: LoadRate): void {
  requireFinite([ratePerSecond]);
  if (Number.isInteger(clients) && clients >= 1 && ratePerSecond >= 0) return;
  throw new RangeError(
    `expected a rate from 0 and a whole number of clients from 1, got ${String(ratePerSecond)} with ${String(clients)}`,
  );
}
