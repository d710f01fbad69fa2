/**
 * What queueing theory lets expect of a server that works at one thing after another, and of a key that one client holds
 * at a time.
 *
 * @module
 */
import { nsToS, sToNs, type Ns } from '../model/time.js';

/** What the holds of one key are made of, one after the other. */
export interface KeyTurn {
  readonly acquireNs: Ns;
  readonly holdNs: Ns;
  readonly releaseNs: Ns;
  /** From a release until the next acquisition begins to succeed. */
  readonly handoffNs: Ns;
}

/** How often a second one key can change hands: 1 / (acquire + hold + release + handoff). Infinity when none takes time. */
export function keyCeilingPerSecond({ acquireNs, holdNs, releaseNs, handoffNs }: KeyTurn): number {
  return 1 / nsToS(acquireNs + holdNs + releaseNs + handoffNs);
}

/**
 * Operations under way on average, L = λ · W, whatever the arrivals and times are like.
 *
 * Source: J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9(3), 1961.
 *
 * @param timeNs mean time of an operation from its arrival until it is over
 */
export function littleInFlight(ratePerSecond: number, timeNs: Ns): number {
  return ratePerSecond * nsToS(timeNs);
}

/**
 * A quantile of the response time (waiting and one service) of a server that serves Poisson arrivals one after another,
 * each for the same time (M/D/1), to within a nanosecond and 1e-9 of itself up to a utilisation of 0.9999.
 *
 * @param quantile a share below 1; from 0.999999999 on digits are lost
 * @returns Infinity when at least as much arrives as can be served
 * @throws RangeError for a rate or a service time that is not positive, or a quantile that is not from 0 to below 1
 */
export function md1ResponseQuantileNs(ratePerSecond: number, serviceNs: Ns, quantile: number): Ns {
  requirePositive('rate', ratePerSecond);
  requirePositive('service time', serviceNs);
  requireQuantile(quantile);
  const utilization = littleInFlight(ratePerSecond, serviceNs);
  if (utilization >= 1) return Infinity;
  return serviceNs * (1 + waitQuantile(utilization, quantile));
}

/**
 * The highest Poisson arrival rate at which a quantile of the M/D/1 response time is within a limit.
 *
 * A limit of 10 ms for the p99 allows 280/s of a server that does 500/s, 773/s of 1,000/s and 4,770/s of 5,000/s.
 *
 * @returns arrivals per second, below 1 / service time; 0 when one service alone takes longer than the limit
 * @throws RangeError as `md1ResponseQuantileNs` does
 */
export function md1CapacityPerSecond(serviceNs: Ns, quantile: number, limitNs: Ns): number {
  requirePositive('service time', serviceNs);
  requireQuantile(quantile);
  const longestWait = limitNs / serviceNs - 1;
  if (longestWait < 0) return 0;
  // Holds throughout: the quantile is within the limit at `low`, and beyond it at `high`.
  let low = 0;
  let high = 1;
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (waitShare(middle, longestWait) >= quantile) low = middle;
    else high = middle;
  }
  return low * (sToNs(1) / serviceNs);
}

/** Waits of so many services and more are taken from the tail's exponential, which differs there by less than 1e-12. */
const TAIL_FROM = 40;

/** The quantile of the M/D/1 waiting time, in services. */
function waitQuantile(utilization: number, quantile: number): number {
  const tail = exponentialTail(utilization);
  const far = Math.log(tail.weight / (1 - quantile)) / tail.decay;
  if (far >= TAIL_FROM) return far;
  if (waitShare(utilization, 0) >= quantile) return 0;
  // Holds throughout: fewer than the quantile wait no longer than `low`, and enough wait no longer than `high`.
  let low = 0;
  let high = TAIL_FROM;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (waitShare(utilization, middle) < quantile) low = middle;
    else high = middle;
  }
}

/**
 * P(wait ≤ t) of M/D/1, t in services.
 *
 *   P(W ≤ t) = e⁻ᵘ · Σ over j from 0 to k−1 of Q(k−1−j) · uʲ / j!,   k = ⌊t⌋ + 1,   u = ρ · (k − t)
 *
 * Legend: ρ is the utilisation, Q(n) the stationary probability that at most n wait. Erlang's formula has terms of both
 * signs that grow with t and lose all digits near t = 20; these are all positive.
 *
 * Source: G. J. Franx, "A simple solution for the M/D/c waiting time distribution", Operations Research Letters 29(5),
 * 2001.
 */
function waitShare(utilization: number, t: number): number {
  if (t >= TAIL_FROM) {
    const { weight, decay } = exponentialTail(utilization);
    return 1 - weight * Math.exp(-decay * t);
  }
  const k = Math.floor(t) + 1;
  const atMostWaiting = queueShares(utilization, k);
  const u = utilization * (k - t);
  let term = Math.exp(-u);
  let share = 0;
  for (let j = 0; j < k; j++) {
    share += (atMostWaiting[k - 1 - j] ?? 0) * term;
    term *= u / (j + 1);
  }
  return share;
}

/**
 * At n, for n below `count`: the stationary probability that at most n wait behind the one that is served.
 *
 *   p(n+1) · a(0) = p(0) · A(n) + Σ over i from 1 to n of p(i) · A(n + 1 − i),   p(0) = 1 − ρ
 *
 * Legend: p(n) is the probability of n in the system, a(0) that none arrives during a service, A(n) that more than n do
 * (Poisson, mean ρ). Their number falls from n + 1 to n as often as it rises beyond n: sums of positive terms.
 */
function queueShares(utilization: number, count: number): Float64Array {
  const moreThan = poissonTails(utilization, count + 1);
  const inSystem = new Float64Array(count + 1);
  const idle = 1 - utilization;
  const shares = new Float64Array(count);
  let atMost = idle;
  for (let n = 0; n < count; n++) {
    let up = idle * (moreThan[n] ?? 0);
    for (let i = 1; i <= n; i++) up += (inSystem[i] ?? 0) * (moreThan[n + 1 - i] ?? 0);
    const oneMore = up * Math.exp(utilization);
    inSystem[n + 1] = oneMore;
    atMost += oneMore;
    shares[n] = atMost;
  }
  return shares;
}

/** At n: P(more than n) of a Poisson distribution, summed from its small end. */
function poissonTails(mean: number, count: number): Float64Array {
  // Beyond, with a mean below 1, nothing is left that a double holds.
  const terms = new Float64Array(count + 30);
  let term = Math.exp(-mean);
  for (const n of terms.keys()) {
    terms[n] = term;
    term *= mean / (n + 1);
  }
  let beyond = 0;
  for (let n = terms.length - 1; n >= 0; n--) {
    const own = terms[n] ?? 0;
    terms[n] = beyond;
    beyond += own;
  }
  return terms;
}

/**
 * The tail of the M/D/1 waiting time, t in services: P(W > t) ≈ weight · e^(−decay · t).
 *
 *   decay: the positive root of ρ · (e^η − 1) = η;   weight = (1 − ρ) / (ρ · e^η − 1)
 *
 * The pole of the waiting time's Laplace transform that is next to zero. The others decay faster by a factor of more
 * than e^½ in every service.
 *
 * Source: H. C. Tijms, "A First Course in Stochastic Models", 2003, section 9.2 (asymptotic expansion for M/G/1).
 */
function exponentialTail(utilization: number): { readonly weight: number; readonly decay: number } {
  const excess = (eta: number): number => utilization * Math.expm1(eta) - eta;
  // Where the difference is the least, so below the root; from there on it grows.
  let low = -Math.log(utilization);
  let high = 2 * low;
  while (excess(high) < 0) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (excess(middle) < 0) low = middle;
    else high = middle;
  }
  return { weight: (1 - utilization) / (utilization * Math.exp(high) - 1), decay: high };
}

function requirePositive(name: string, value: number): void {
  if (value > 0 && value < Infinity) return;
  throw new RangeError(`${name}: expected a positive number, got ${String(value)}`);
}

function requireQuantile(quantile: number): void {
  if (quantile >= 0 && quantile < 1) return;
  throw new RangeError(`quantile: expected a share from 0 to below 1 such as 0.99, got ${String(quantile)}`);
}
