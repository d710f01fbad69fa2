/**
 * One curve of the Universal Scalability Law, laid through measured rates by least squares.
 *
 * @module
 */

/** The rate that so many clients reached. */
export interface LoadRate {
  /** From 1. */
  readonly clients: number;
  readonly ratePerSecond: number;
}

/**
 * X(n) = λ n / (1 + σ (n − 1) + κ n (n − 1)).
 *
 * Source: N. J. Gunther, "Guerrilla Capacity Planning", 2007, chapter 4, with λ in the place of the measured X(1).
 */
export interface Curve {
  readonly lambda: number;
  readonly sigma: number;
  readonly kappa: number;
}

export function rateAt({ lambda, sigma, kappa }: Curve, clients: number): number {
  return (lambda * clients) / (1 + sigma * (clients - 1) + kappa * clients * (clients - 1));
}

/** Where the curve is the highest, n* = √((1 − σ) / κ): Infinity without κ, 0 where it only falls. */
export function peakClients({ sigma, kappa }: Curve): number {
  return sigma >= 1 ? 0 : Math.sqrt((1 - sigma) / kappa);
}

/** The rate there; without κ the λ/σ that it nears. */
export function peakRate(curve: Curve): number {
  const clients = peakClients(curve);
  return clients === Infinity ? curve.lambda / curve.sigma : rateAt(curve, Math.max(1, clients));
}

/** More steps than any fit takes: most end within ten. */
const MOST_STEPS = 200;
const LEAST_GAIN = 1e-14;

/**
 * The curve with the least sum of squared differences from the rates, σ and κ not below 0.
 *
 * Whatever σ and κ are, the best λ is a ratio of sums, so two parameters are sought (variable projection), by damped
 * Gauss-Newton steps; one that is 0 and would fall below stays, and the other moves alone.
 *
 * Sources: D. W. Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", SIAM Journal 11(2), 1963;
 * G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose variables
 * separate", SIAM Journal on Numerical Analysis 10(2), 1973.
 *
 * @param points at least one of them with a positive rate
 * @param start where to begin, by default Gunther's linearisation
 */
export function fitCurve(points: readonly LoadRate[], start = linearised(points)): Curve {
  let curve = withBestLambda(points, start.sigma, start.kappa);
  let squares = squaresLeft(points, curve);
  let damping = 1e-3;
  for (let step = 0; step < MOST_STEPS && damping < 1e12; step++) {
    const next = stepFrom(points, curve, damping);
    const nextSquares = squaresLeft(points, next);
    if (nextSquares < squares) {
      const isSettled = squares - nextSquares <= squares * LEAST_GAIN;
      [curve, squares] = [next, nextSquares];
      if (isSettled) break;
      damping /= 10;
    } else {
      damping *= 10;
    }
  }
  return curve;
}

/** Σ (rate − X(n))². */
export function squaresLeft(points: readonly LoadRate[], curve: Curve): number {
  let squares = 0;
  for (const { clients, ratePerSecond } of points) squares += (ratePerSecond - rateAt(curve, clients)) ** 2;
  return squares;
}

/**
 * How strongly each point draws the curve to itself, 0 to 1: the diagonal of the projection onto the curve's derivatives.
 *
 * Together they make the number of parameters that are free: σ and κ are not where they are 0.
 */
export function leverages(points: readonly LoadRate[], curve: Curve): number[] {
  const isFree = [true, curve.sigma > 0, curve.kappa > 0];
  const derivatives = points.map(({ clients }) => derivativesAt(curve, clients));
  const leverage = points.map(() => 0);
  const directions: number[][] = [];
  for (const parameter of [0, 1, 2].filter((index) => isFree[index])) {
    // Gram and Schmidt: what the earlier directions do not hold yet.
    let column = derivatives.map((row) => row[parameter] ?? 0);
    for (const direction of directions) {
      const along = dot(column, direction);
      column = column.map((value, index) => value - along * (direction[index] ?? 0));
    }
    const length = Math.sqrt(dot(column, column));
    const direction = column.map((value) => value / length);
    directions.push(direction);
    for (const [index, value] of direction.entries()) leverage[index] = (leverage[index] ?? 0) + value ** 2;
  }
  return leverage;
}

/** Of the rate, by λ, σ and κ. */
function derivativesAt(curve: Curve, clients: number): readonly [number, number, number] {
  const byLambda = rateAt(curve, clients) / curve.lambda;
  const byKappa = -curve.lambda * byLambda ** 2 * (clients - 1);
  return [byLambda, byKappa / clients, byKappa];
}

/** Gunther's: λ n / X(n) − 1 = (σ + κ) (n − 1) + κ (n − 1)², a parabola, with λ from the fewest clients. */
function linearised(points: readonly LoadRate[]): Curve {
  const measured = points.filter(({ ratePerSecond }) => ratePerSecond > 0);
  const fewest = Math.min(...measured.map(({ clients }) => clients));
  const lambda = Math.max(...measured.map((point) => (point.clients === fewest ? point.ratePerSecond / fewest : 0)));
  let [xx, xxx, xxxx, xy, xxy] = [0, 0, 0, 0, 0];
  for (const { clients, ratePerSecond } of measured) {
    const x = clients - 1;
    const y = (lambda * clients) / ratePerSecond - 1;
    xx += x ** 2;
    xxx += x ** 3;
    xxxx += x ** 4;
    xy += x * y;
    xxy += x ** 2 * y;
  }
  const determinant = xx * xxxx - xxx ** 2;
  const kappa = notBelowZero((xx * xxy - xxx * xy) / determinant);
  return { lambda, sigma: notBelowZero((xy * xxxx - xxx * xxy) / determinant - kappa), kappa };
}

function withBestLambda(points: readonly LoadRate[], sigma: number, kappa: number): Curve {
  let [xy, xx] = [0, 0];
  for (const { clients, ratePerSecond } of points) {
    const shape = rateAt({ lambda: 1, sigma, kappa }, clients);
    xy += shape * ratePerSecond;
    xx += shape ** 2;
  }
  return { lambda: xy / xx, sigma, kappa };
}

/** One damped step in σ and κ; what λ makes up for by itself is taken out of both, and λ follows. */
function stepFrom(points: readonly LoadRate[], curve: Curve, damping: number): Curve {
  let [ll, ls, lk, ss, sk, kk, sd, kd] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const { clients, ratePerSecond } of points) {
    const [byLambda, bySigma, byKappa] = derivativesAt(curve, clients);
    const difference = ratePerSecond - rateAt(curve, clients);
    ll += byLambda ** 2;
    ls += byLambda * bySigma;
    lk += byLambda * byKappa;
    ss += bySigma ** 2;
    sk += bySigma * byKappa;
    kk += byKappa ** 2;
    sd += bySigma * difference;
    kd += byKappa * difference;
  }
  const sigmas = (ss - ls ** 2 / ll) * (1 + damping);
  const kappas = (kk - lk ** 2 / ll) * (1 + damping);
  const both = sk - (ls * lk) / ll;
  const determinant = sigmas * kappas - both ** 2;
  let sigmaStep = (sd * kappas - both * kd) / determinant;
  let kappaStep = (sigmas * kd - both * sd) / determinant;
  if (curve.sigma === 0 && sigmaStep < 0) [sigmaStep, kappaStep] = [0, kd / kappas];
  else if (curve.kappa === 0 && kappaStep < 0) [sigmaStep, kappaStep] = [sd / sigmas, 0];
  return withBestLambda(points, notBelowZero(curve.sigma + sigmaStep), notBelowZero(curve.kappa + kappaStep));
}

function notBelowZero(value: number): number {
  // Nothing to divide by where all loads are one.
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

function dot(one: readonly number[], other: readonly number[]): number {
  let total = 0;
  for (const [index, value] of one.entries()) total += value * (other[index] ?? 0);
  return total;
}
