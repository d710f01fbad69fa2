/**
 * Which settings a tuning tries: few, and where the network lets something change.
 *
 * @module
 */
import { nsToMs, type Ns } from '../model/time.js';
import { quorumOf } from '../model/quorum.js';
import type { RoundTrip } from '../model/scenario.js';

/** Delay before and jitter of a retry. */
export interface RetryWait {
  readonly retryDelayMs: number;
  readonly retryJitterMs: number;
}

/** What a timer, an event loop and a busy machine add to a round trip. */
const MARGIN_MS = 2;
/** Timeouts closer than this are one. */
const LEAST_STEP = 1.15;
const MOST_TIMEOUTS = 8;
/** A timeout beyond this share of the ttl is refused by the scenario. */
export const TIMEOUT_SHARE_OF_TTL = 0.2;

/**
 * Per-node timeouts to try: just above the round trip of each master, between neighbours that lie far apart, and a few
 * multiples; at most eight, and none beyond a fifth of the ttl. Ascending.
 */
export function timeoutGridMs(roundTrips: readonly RoundTrip[], ttlMs: number): number[] {
  const mostMs = ttlMs * TIMEOUT_SHARE_OF_TTL;
  const { levels, needed } = mergeLevels(
    roundTrips.map(({ roundTripMs, jitterMs }) => roundTripMs + 2 * jitterMs + MARGIN_MS),
  );
  const multiples = levels.flatMap((levelMs, index) => {
    const nextMs = levels[index + 1];
    if (nextMs === undefined) return [levelMs * 1.6];
    // A margin of 2 ms is much of a short round trip, and little of a long one.
    const near = levelMs * (levelMs < 10 ? 1.6 : 1.25);
    const between = Math.sqrt(levelMs * nextMs);
    return near < between ? [near, between] : [between];
  });
  const longest = levels.at(-1) ?? mostMs;
  multiples.push(longest * 1.25, longest * 4, longest * 2.5);
  const chosen: number[] = [];
  // The quorum first, then the levels: where there is no room for all, the multiples give way.
  for (const ms of [...needed, ...levels, ...multiples].map(roundUpMs)) {
    const isNew = chosen.every((other) => Math.max(ms / other, other / ms) >= LEAST_STEP);
    if (isNew && ms <= mostMs && chosen.length < MOST_TIMEOUTS) chosen.push(ms);
  }
  return chosen.length > 0 ? chosen.sort((a, b) => a - b) : [Math.max(1, Math.floor(mostMs))];
}

/**
 * Of levels close to each other only the last, which covers them; from the longest down, so that many of them in small
 * steps do not vanish into one. Those that a quorum needs, with one master to spare, and the last are dropped only
 * where the one above is all but the same.
 */
function mergeLevels(levelsMs: readonly number[]): { levels: number[]; needed: number[] } {
  const ascending = [...levelsMs].sort((a, b) => a - b);
  const quorum = ascending.length === 0 ? 0 : quorumOf(ascending.length);
  const kept: { ms: number; isNeeded: boolean }[] = [];
  for (const [place, ms] of [...ascending.entries()].reverse()) {
    const isNeeded = place === quorum - 1 || place === quorum || place === ascending.length - 1;
    const step = isNeeded ? LEAST_STEP : LEAST_STEP * LEAST_STEP;
    if ((kept.at(-1)?.ms ?? Infinity) / ms >= step) kept.push({ ms, isNeeded });
  }
  const ms = (each: { ms: number }): number => each.ms;
  return {
    levels: kept.map(ms).reverse(),
    needed: kept
      .filter(({ isNeeded }) => isNeeded)
      .map(ms)
      .reverse(),
  };
}

const MULTIPLES = [0.5, 1, 2, 4, 8];

/**
 * Waits to try around the time that a quorum takes: the jitter is a multiple of it, because rivals tell each other apart
 * by their first attempts only when these lie more than a quorum's time apart; the delay is half of that time, so that the
 * rivals' votes have been given back before. What is set now comes first.
 */
export function retryGrid(now: RetryWait, quorumNs: Ns, jittersMs: readonly number[] | undefined): RetryWait[] {
  const quorumMs = Math.max(1, nsToMs(quorumNs));
  const retryDelayMs = Math.max(1, Math.round(quorumMs / 2));
  const asked = jittersMs ?? MULTIPLES.map((multiple) => roundUpMs(quorumMs * multiple));
  const points = [...new Set(asked)].map((retryJitterMs) => ({ retryDelayMs, retryJitterMs }));
  return [now, ...points.filter((point) => !isSameWait(point, now))];
}

export function isSameWait(one: RetryWait, other: RetryWait): boolean {
  return one.retryDelayMs === other.retryDelayMs && one.retryJitterMs === other.retryJitterMs;
}

/** The drift allowance of a ttl: a hundredth and 2 ms. */
const DRIFT_SHARE = 0.01;
const DRIFT_MS = 2;
/** Twice the 99th percentile of the holds must fit into the validity. */
export const HOLD_FACTOR = 2;
const TTL_STEPS = [0.25, 0.5, 1, 2];

/** The shortest ttl that leaves this validity after an acquisition that took the whole per-node timeout. */
export function leastTtlMs(holdMs: number, nodeTimeoutMs: number): number {
  const forHold = (holdMs + nodeTimeoutMs + DRIFT_MS) / (1 - DRIFT_SHARE);
  return roundUpMs(Math.max(forHold, nodeTimeoutMs / TIMEOUT_SHARE_OF_TTL));
}

/** Ttls to try around the one that fits holds with this 99th percentile. Ascending. */
export function ttlGridMs(holdP99Ms: number, nodeTimeoutMs: number): number[] {
  const guardMs = leastTtlMs(0, nodeTimeoutMs);
  const fittingMs = leastTtlMs(HOLD_FACTOR * holdP99Ms, nodeTimeoutMs);
  const ttls = TTL_STEPS.map((step) => roundUpMs(Math.max(guardMs, fittingMs * step)));
  return [...new Set(ttls)].sort((a, b) => a - b);
}

/** The masters of the fastest quorum, counted from 1. */
export function nearMasters(roundTrips: readonly RoundTrip[]): number[] {
  return roundTrips
    .map(({ roundTripMs }, place) => ({ roundTripMs, master: place + 1 }))
    .sort((a, b) => a.roundTripMs - b.roundTripMs)
    .slice(0, quorumOf(roundTrips.length))
    .map(({ master }) => master);
}

/** Up to two digits, and from 10 ms on to whole milliseconds: `2.5ms`, `33ms`, `130ms`. */
function roundUpMs(ms: number): number {
  const step = ms < 10 ? 0.5 : 10 ** (Math.floor(Math.log10(ms)) - 1);
  // The hair keeps 2.1 × 10, which is 21.000000000000004, from becoming 22.
  return Math.round(Math.ceil(ms / step - 1e-9) * step * 10) / 10;
}
