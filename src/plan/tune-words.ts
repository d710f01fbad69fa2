/**
 * A tuning in plain words: what is recommended, what it is better than, and what it gives up.
 *
 * @module
 */
import { formatCount, formatShare } from '../model/figure-text.js';
import { quorumOf } from '../model/quorum.js';
import { formatDurationMs, formatNs, type Ns } from '../model/time.js';
import type { Availability, CountedOf, LockSettings, TunedNetwork, TunePoint, TuneStage } from '../model/tuning.js';
import { formatUptime } from '../model/uptime-text.js';
import { HOLD_FACTOR, leastTtlMs } from './tune-grid.js';
import { hasP99, isBroken, isCandidate } from './tune-point.js';
import { isComparable, MOST_OVERRUNS } from './tune-rules.js';

const MINUTES_A_YEAR = 365 * 24 * 60;

/** `--node-timeout 45ms --ttl 5s --retry-delay 5ms --retry-jitter 45ms`: those that are given. */
export function sayFlags(settings: Partial<LockSettings>): string {
  const { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs } = settings;
  const flags = Object.entries({
    'node-timeout': nodeTimeoutMs,
    ttl: ttlMs,
    'retry-delay': retryDelayMs,
    'retry-jitter': retryJitterMs,
  });
  return flags.flatMap(([flag, ms]) => (ms === undefined ? [] : [`--${flag} ${formatDurationMs(ms)}`])).join(' ');
}

/** Why this per-node timeout, one sentence each. */
export function explainTimeout(
  points: readonly TunePoint[],
  recommended: number | null,
  targetSuccess: number,
): string[] {
  const chosen = recommended === null ? undefined : points[recommended];
  if (chosen === undefined) return [sayNoTimeout(points)];
  const { nodeTimeoutMs } = chosen.settings;
  const candidates = points.filter((point) => isCandidate(point) && point !== chosen);
  const shorter = candidates.filter(({ settings }) => settings.nodeTimeoutMs < nodeTimeoutMs).at(-1);
  const longer = candidates.filter(({ settings }) => settings.nodeTimeoutMs > nodeTimeoutMs).at(-1);
  return [
    `Use --node-timeout ${formatDurationMs(nodeTimeoutMs)}: ${formatShare(chosen.success.share)} of ${formatCount(chosen.operations)} single attempts were granted ` +
      `(95 % interval ${formatShare(chosen.success.low)} to ${formatShare(chosen.success.high)})${sayTimes(chosen)}.`,
    ...sayTarget(points, chosen, targetSuccess),
    ...sayUnknown(points, chosen, targetSuccess),
    ...(shorter === undefined ? [] : [sayShorter(shorter, chosen)]),
    ...(longer === undefined ? [] : [sayLonger(longer, chosen)]),
    ...(chosen.failedMasterCostNs === null
      ? []
      : [
          `While a near master is out of reach, a grant takes ${formatNs(Math.max(0, chosen.failedMasterCostNs))} longer in the median.`,
        ]),
  ];
}

function sayNoTimeout(points: readonly TunePoint[]): string {
  const counted = points.filter(({ leftOut }) => leftOut === null);
  if (counted.length === 0) {
    return 'Not from this data: no per-node timeout had a valid run; keep what is set. The results of the runs say why: end other load on this machine, or lower --rate.';
  }
  return counted.some(isBroken)
    ? 'Not from this data: with every per-node timeout that had a valid run, the lock broke mutual exclusion or granted nothing.'
    : 'Not from this data: no per-node timeout had a valid run in which anything was acquired; keep what is set, or try longer ones with --node-timeouts.';
}

function sayTimes(point: TunePoint): string {
  return hasP99(point)
    ? `, p50 ${formatNs(point.p50Ns)}, p99 ${formatNs(point.p99Ns)}`
    : '; its p99 is not from this data, because fewer than 100 were granted';
}

function sayTarget(points: readonly TunePoint[], chosen: TunePoint, targetSuccess: number): string[] {
  if (chosen.success.low >= targetSuccess) return [];
  const asked = sayAsked(targetSuccess);
  const counted = points.filter(isCandidate);
  if (chosen.success.high >= targetSuccess) {
    const surer = counted.find(({ success }) => success.low >= targetSuccess);
    const more =
      surer === undefined
        ? ''
        : `; ${formatDurationMs(surer.settings.nodeTimeoutMs)} surely reached it, with ${formatShare(surer.success.share)}`;
    return [
      `Not from this data: whether it reaches the ${asked} that were asked lies within the interval; more --rounds or a longer --duration would narrow it${more}.`,
    ];
  }
  const best = counted.toSorted((a, b) => b.success.share - a.success.share)[0] ?? chosen;
  const most = `the most was ${formatShare(best.success.share)} with ${formatDurationMs(best.settings.nodeTimeoutMs)}`;
  return counted.every(({ success }) => success.high < targetSuccess)
    ? [`No per-node timeout of those measured reached the ${asked} that were asked; ${most}.`]
    : [
        `It did not reach the ${asked} that were asked, and whether a longer one does is not from this data: ${most}, with an interval up to ${formatShare(best.success.high)}.`,
      ];
}

function sayAsked(targetSuccess: number): string {
  return `${String(Number((targetSuccess * 100).toFixed(3)))} %`;
}

/** What might have been recommended, had it been measured. */
function sayUnknown(points: readonly TunePoint[], chosen: TunePoint, targetSuccess: number): string[] {
  const leftOut = points.filter((point) => point.leftOut !== null);
  const timeoutOf = ({ settings }: TunePoint): number => settings.nodeTimeoutMs;
  // What a longer one surely missed, a shorter one misses too.
  const failing = points.filter((point) => isCandidate(point) && isSurelyLess(point, chosen, targetSuccess));
  const longestFailingMs = Math.max(0, ...failing.map(timeoutOf).filter((ms) => ms < timeoutOf(chosen)));
  const shorter = leftOut.filter(
    (point) => timeoutOf(point) < timeoutOf(chosen) && timeoutOf(point) > longestFailingMs,
  );
  const longer =
    chosen.success.low >= targetSuccess ? [] : leftOut.filter((point) => timeoutOf(point) > timeoutOf(chosen));
  return [
    ...(shorter.length === 0
      ? []
      : [`Not from this data: whether a shorter one would do, because ${sayUncounted(shorter)}.`]),
    ...(longer.length === 0
      ? []
      : [`Not from this data: whether a longer one would grant more, because ${sayUncounted(longer)}.`]),
  ];
}

function isSurelyLess({ success }: TunePoint, chosen: TunePoint, targetSuccess: number): boolean {
  return success.high < Math.min(targetSuccess, chosen.success.low);
}

function sayUncounted(points: readonly TunePoint[]): string {
  const names = points.map(({ settings }) => formatDurationMs(settings.nodeTimeoutMs)).join(', ');
  const isMachine = points.every(({ leftOut }) => leftOut?.includes('(invalid)'));
  return `${names} had no run that counts${isMachine ? ', even when made again: this machine, not the timeout, is why' : ''}`;
}

function sayShorter(other: TunePoint, chosen: TunePoint): string {
  const name = formatDurationMs(other.settings.nodeTimeoutMs);
  const { share } = other.success;
  if (share === 0) return `The next shorter one of those measured, ${name}, granted nothing.`;
  const lost = other.success.high < chosen.success.low ? 'granted only' : 'granted';
  return `The next shorter one of those measured, ${name}, ${lost} ${formatShare(share)}${sayItsP99(other)}.`;
}

function sayLonger(other: TunePoint, chosen: TunePoint): string {
  const name = formatDurationMs(other.settings.nodeTimeoutMs);
  const isMore = other.success.low > chosen.success.high;
  return (
    `The longest one of those measured, ${name}, granted ${formatShare(other.success.share)}${isMore ? '' : ', which is no more within the noise,'}${sayItsP99(other)}; ` +
    `an attempt that cannot win would wait ${name} instead of ${formatDurationMs(chosen.settings.nodeTimeoutMs)}.`
  );
}

function sayItsP99(point: TunePoint): string {
  return hasP99(point) ? ` with a p99 of ${formatNs(point.p99Ns)}` : '';
}

/** Why there are no predictions. */
export function sayUnpredicted(lock: string, hasRoundTrips: boolean): string {
  return hasRoundTrips
    ? `Nothing is predicted: order statistics are those of a lock that asks all masters at once and settles at the quorum, which is not known of ${lock}.`
    : `Nothing is predicted: ${lock} does not report round trips; which masters are awaited follows from those that were stated.`;
}

/** Which masters the timeout does without, and what that costs; one sentence each. */
export function explainAvailability(
  availability: Availability,
  { roundTrips, failingShare, isFailingStated }: TunedNetwork,
): string[] {
  const { awaited, leftOut, inTime, perMaster, withAwaited, withAll } = availability;
  const masters = inTime.length;
  const quorum = quorumOf(masters);
  const assumed =
    isFailingStated && failingShare > 0
      ? 'as stated'
      : 'which is assumed: state how often one fails with --failing to have yours';
  const each = `with each master up ${formatShare(perMaster)} of the time by itself (${assumed})`;
  if (leftOut.length === 0) {
    return [
      `It waits for all ${String(masters)} masters: ${each}, a quorum is up ${formatUptime(withAll)} of the time.`,
    ];
  }
  const minutes = Math.max(0, withAll - withAwaited) * MINUTES_A_YEAR;
  const names = leftOut.map((master) => {
    const share = inTime[master - 1] ?? 0;
    const late = share === 0 ? '' : `, ${formatShare(share)} of whose answers come in time`;
    return `${String(master)} (${formatDurationMs(roundTrips[master - 1]?.roundTripMs ?? 0)} away${late})`;
  });
  const others =
    awaited.length < quorum ? '' : `: a quorum of ${String(quorum)} can come from the other ${String(awaited.length)}`;
  return [
    `It does not wait for master ${names.join(', ')}${others}.`,
    `What leaving ${leftOut.length === 1 ? 'it' : 'them'} out costs in availability: ${each}, a quorum is up and answers in time ${formatUptime(withAwaited)} of the time, ` +
      `and with a timeout that waits for all ${String(masters)} ${formatUptime(withAll)}: ${formatCount(Math.round(minutes))} minutes a year more without a lock.`,
  ];
}

/** Why this wait before a retry, or why none other than what is set; one sentence each. */
export function explainRetry(
  points: readonly TunePoint[],
  recommended: number | null,
  now: number,
  isNotified: boolean,
): string[] {
  const present = points[now];
  if (present === undefined || !isComparable(present)) return [sayNoPresent(present)];
  const chosen = recommended === null ? undefined : points[recommended];
  if (chosen === undefined) {
    const rivals = points.filter(isComparable);
    if (rivals.length === 1) {
      return [`Not from this data: no other wait before a retry has ${ENOUGH}; keep ${sayWait(present)}.`];
    }
    const p99sNs = rivals.map(({ p99Ns }) => p99Ns);
    const attempts = rivals.map((point) => point.attempts);
    return [
      `Not from this data: no other wait before a retry was better than ${sayWait(present)} beyond the noise; keep it.`,
      `From wait to wait the p99 response went from ${formatNs(Math.min(...p99sNs))} to ${formatNs(Math.max(...p99sNs))}, the attempts for each acquisition from ${amount(Math.min(...attempts))} to ${amount(Math.max(...attempts))}.`,
      ...(isNotified
        ? [
            'With --wake-up notify a waiter is told of a release, so that the wait before a retry matters little: it decides after split votes and lost messages alone.',
          ]
        : []),
    ];
  }
  return [
    `Use ${sayWait(chosen)}: p99 response ${formatNs(chosen.p99Ns)} and ${amount(chosen.attempts)} attempts for each acquisition, ` +
      `against ${formatNs(present.p99Ns)} and ${amount(present.attempts)} with ${sayWait(present)}; split votes were ${formatShare(chosen.splitVoteShare)} of the attempts, against ${formatShare(present.splitVoteShare)}.`,
  ];
}

const ENOUGH = 'three runs that count and a hundred grants to be held against the others';

/** Why nothing can be held against the wait that is set now. */
function sayNoPresent(present: TunePoint | undefined): string {
  const why =
    present === undefined
      ? 'was not measured'
      : present.leftOut !== null
        ? 'had no run that counts'
        : isBroken(present)
          ? 'broke mutual exclusion, so that its figures are not those of a lock'
          : `does not have ${ENOUGH}: use --rounds 3 or more, or a longer --duration`;
  return `Not from this data: the wait before a retry that is set now ${why}; keep what is set.`;
}

function sayWait({ settings }: TunePoint): string {
  return `--retry-delay ${formatDurationMs(settings.retryDelayMs)} --retry-jitter ${formatDurationMs(settings.retryJitterMs)}`;
}

/** Why no ttl was measured: holds of no length say nothing of it. */
export function explainUnheldTtl({ nodeTimeoutMs, ttlMs }: LockSettings): string[] {
  return [
    `Not from this data: --hold is 0ms, so that the ttl follows from the per-node timeout and the guard alone, which ask for ${formatDurationMs(leastTtlMs(0, nodeTimeoutMs))} or more; ` +
      `keep --ttl ${formatDurationMs(ttlMs)}, or name your --hold to have it measured.`,
    `A holder that crashes blocks its key for up to the ttl.`,
  ];
}

/**
 * Why this ttl, one sentence each.
 *
 * @param refusedMs ttls that were asked for, and that the guard does not allow with this timeout
 */
export function explainTtl(
  points: readonly TunePoint[],
  recommended: number | null,
  holdP99Ns: Ns,
  nodeTimeoutMs: number,
  refusedMs: readonly number[],
): string[] {
  const chosen = recommended === null ? undefined : points[recommended];
  const fits = `${String(HOLD_FACTOR)} times the 99th percentile of the holds (${formatNs(holdP99Ns)}) fits into its validity`;
  const refused =
    refusedMs.length === 0
      ? []
      : [
          `Not tried: --ttl ${refusedMs.map(formatDurationMs).join(', ')}, because with --node-timeout ${formatDurationMs(nodeTimeoutMs)} one silent master would eat the validity; the least is ${formatDurationMs(leastTtlMs(0, nodeTimeoutMs))}.`,
        ];
  const outlived = chosen?.outlived ?? null;
  if (chosen === undefined || outlived === null) {
    const tried = points.filter(isCandidate).map((point) => sayTriedTtl(point));
    return [
      `Not from this data: no ttl that was tried is such that fewer than ${formatShare(MOST_OVERRUNS)} of the holds outlive it and that ${fits}; none is recommended, try longer ones with --ttls.`,
      ...(tried.length === 0 ? [] : [`Of the holds ${tried.join('; ')}.`]),
      ...refused,
    ];
  }
  const { ttlMs } = chosen.settings;
  const shorter = points.filter((point) => isCandidate(point) && point.settings.ttlMs < ttlMs).at(-1);
  return [
    `Use --ttl ${formatDurationMs(ttlMs)}: the shortest that was tried such that ${fits} and hardly any hold outlives it: ${sayOutlived(outlived)}.`,
    ...(shorter === undefined ? [] : [`Of the holds ${sayTriedTtl(shorter)}.`]),
    ...refused,
    `A holder that crashes blocks its key for up to ${formatDurationMs(ttlMs)}; a longer ttl would only make that longer.`,
  ];
}

function sayTriedTtl({ settings, outlived }: TunePoint): string {
  const name = `--ttl ${formatDurationMs(settings.ttlMs)}`;
  return outlived === null ? `none was counted with ${name}` : `${sayOutlived(outlived)} with ${name}`;
}

/** `0 of 3,000 outlived it (at most 0.13 %)`. */
function sayOutlived({ share, high, of }: CountedOf): string {
  return `${formatCount(Math.round(share * of))} of ${formatCount(of)} outlived it (at most ${formatShare(high)})`;
}

/** What the recommendation is and what stands behind it, for the report as a whole. */
export function stateTuning(
  stages: readonly TuneStage[],
  availability: readonly string[],
  flags: string | null,
  confirmation: readonly string[],
): string[] {
  return [
    ...(flags === null ? ['Not from this data: nothing is recommended.'] : [`Recommended for this network: ${flags}.`]),
    ...stages.flatMap(({ name, because }) => (name === 'node-timeout' ? [...because, ...availability] : because)),
    ...confirmation,
  ];
}

/** What a tuning that ended early did not measure; empty when it did. */
export function sayUnmeasured(missing: readonly string[]): string[] {
  return missing.length === 0 ? [] : [`It ended early; not measured: ${missing.join(', ')}.`];
}

/** Why a stage recommends nothing that had found something. */
export function sayWithdrawn(label: string): string {
  return `No ${label} is recommended: with the settings that would have been, the lock broke mutual exclusion later on.`;
}

function amount(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}
