/**
 * What a run says of itself, in words: health, mutual exclusion, and what became of the operations.
 *
 * Absence of a violation is "none observed in n holds": a benchmark cannot promise more.
 *
 * @module
 */
import { formatAmount, formatCount, formatShare, formatThings } from '../model/figure-text.js';
import type { OperationStatus } from '../model/operation.js';
import type { RunResult, ThresholdResult } from '../model/result.js';
import { formatNs, nsToS } from '../model/time.js';
import { isClosedLoop } from './describe.js';
import { formatQuantile } from './figures.js';

/** How loudly a verdict is shown. */
export type Tone = 'good' | 'warning' | 'bad';

export interface VerdictLine {
  readonly tone: Tone;
  readonly text: string;
}

/** The run's judgement of itself, without its reasons; says so when the run did not end as planned. */
export function describeHealth(result: RunResult): VerdictLine {
  const { verdict } = result.health;
  const ended = result.status === 'complete' ? '' : `, ${result.status}`;
  const tone = verdict === 'invalid' ? 'bad' : verdict === 'valid' && ended === '' ? 'good' : 'warning';
  return { tone, text: `${verdict}${ended}` };
}

/** The figures on which the run judged itself. */
export function describeEvidence({ health, scenario }: RunResult): string {
  // No process ever used no CPU at all: nothing was recorded.
  if (health.generatorCpuSeconds === 0) return 'no evidence was recorded';
  return [
    `event loop ${formatShare(health.eventLoopUtilization)} busy (p99 delay ${formatNs(health.eventLoopDelay.p99Ns)})`,
    `GC ${formatShare(health.gcShare)}`,
    `CPU: generator ${formatAmount(health.generatorCpuSeconds)} s, servers ${formatAmount(health.serverCpuSeconds)} s`,
    ...(isClosedLoop(scenario) ? [] : [`${formatShare(health.achievedOverOffered)} of the intended starts made`]),
  ].join(' · ');
}

/** What the witness saw of mutual exclusion. */
export function describeSafety(result: RunResult): VerdictLine {
  const { verdict, contract, contractCount, overruns, witnessed, history, reasons } = result.safety;
  const holds = formatThings(witnessed, 'hold');
  const after = overruns === 0 ? '' : `; ${formatThings(overruns, 'overrun')} (a hold outlived its lease)`;
  if (verdict === 'violation') {
    // The history sees what happened between a grant and the witness, too.
    const overlaps = Math.max(contractCount, history?.contractCount ?? 0);
    const first = contract[0];
    const where =
      first === undefined
        ? ''
        : `; first on key ${String(first.keyIndex)} at ${nsToS(first.atNs).toFixed(3)} s, ` +
          `${formatNs(first.promiseLeftNs)} before its holder's promise ended`;
    return {
      tone: 'bad',
      text: `VIOLATED: ${formatThings(overlaps, 'overlap')} within a promised validity in ${holds}${where}${after}`,
    };
  }
  if (verdict === 'unknown') {
    return { tone: 'warning', text: `unknown: ${reasons.join('; ') || 'nothing could be witnessed'}${after}` };
  }
  return { tone: overruns === 0 ? 'good' : 'warning', text: `no overlap: none observed in ${holds}${after}` };
}

/** Locks that were handed out when their promise had already ended; nothing when there were none. */
export function describeExpiredGrants({ safety }: Pick<RunResult, 'safety'>): VerdictLine[] {
  const { grantedExpired } = safety;
  if (grantedExpired === 0) return [];
  const whose = grantedExpired === 1 ? 'its' : 'their';
  return [
    {
      tone: 'bad',
      text: `${formatThings(grantedExpired, 'lock')} granted after the end of ${whose} promised validity`,
    },
  ];
}

/** What the recorded history says of mutual exclusion; nothing for a run without one. */
export function describeHistory({ safety }: Pick<RunResult, 'safety'>): VerdictLine[] {
  const { history } = safety;
  if (history === null) return [];
  const { operations, holds, contractCount, overruns, grantedExpired, unchecked, agreesWithWitness } = history;
  const text = [
    `${formatThings(holds, 'hold')} of ${formatThings(operations, 'operation')} compared`,
    contractCount > 0
      ? `${formatThings(contractCount, 'overlap')} within a promised validity`
      : 'no overlap of promises',
    ...(overruns > 0 ? [formatThings(overruns, 'overrun')] : []),
    ...(grantedExpired > 0 ? [`${formatCount(grantedExpired)} granted expired`] : []),
    ...(unchecked > 0 ? [`${formatCount(unchecked)} not compared`] : []),
    AGREEMENT_WORDS[String(agreesWithWitness) as keyof typeof AGREEMENT_WORDS],
  ].join(', ');
  if (contractCount > 0) return [{ tone: 'bad', text }];
  const isQuiet = overruns === 0 && grantedExpired === 0 && unchecked === 0 && agreesWithWitness !== false;
  return [{ tone: isQuiet ? 'good' : 'warning', text }];
}

const AGREEMENT_WORDS = {
  true: 'agrees with the witness',
  false: 'DISAGREES with the witness',
  null: 'not compared with a witness',
};

/** What the leak audit found. */
export function describeLeaks(result: RunResult): VerdictLine {
  const { leakedKeys, keysWithoutTtl } = result.safety;
  if (leakedKeys === null) return { tone: 'warning', text: 'leaked keys unknown' };
  const leaks = formatThings(leakedKeys, 'leaked key');
  if (keysWithoutTtl === null || keysWithoutTtl === 0)
    return { tone: leakedKeys === 0 ? 'good' : 'warning', text: leaks };
  const locks = keysWithoutTtl === 1 ? 'that lock' : 'those locks';
  return {
    tone: 'bad',
    text: `${leaks}, ${formatCount(keysWithoutTtl)} of them without ttl: nobody can ever take ${locks} again`,
  };
}

/** Stands among the warnings of every run of a lock with a known flaw. */
export const UNSAFE_LOCK = 'unsafe lock';

/** What stops a reader from taking the figures of this run at face value; empty when nothing does. */
export function warningsOf(result: RunResult): string[] {
  return [
    ...(result.safety.verdict === 'violation' ? ['mutual exclusion violated'] : []),
    ...(result.safety.verdict === 'unknown' ? ['mutual exclusion unknown'] : []),
    ...(result.health.verdict === 'valid' ? [] : [result.health.verdict]),
    ...(result.status === 'complete' ? [] : [result.status]),
    ...(result.lock.isUnsafe ? [UNSAFE_LOCK] : []),
  ];
}

/** What is known to be wrong with the lock itself, whatever this run saw of it; nothing where nothing is. */
export function describeFlaw({ lock }: Pick<RunResult, 'lock'>): string[] {
  return lock.isUnsafe ? [`${UNSAFE_LOCK}: ${lock.flaw ?? 'nobody said why'}`] : [];
}

/** Whether a chart must say aloud that these figures are not what they look like. */
export function isAlarming(result: RunResult): boolean {
  return result.safety.verdict === 'violation' || result.health.verdict === 'invalid';
}

/** The rate of acquisitions; a lower bound where the generator or the machine was what limited it. */
export function describeRate(result: RunResult): string {
  const bound = result.health.isRateLowerBound ? '≥ ' : '';
  return `${bound}${formatAmount(result.acquire.ratePerSecond)}/s`;
}

/** How many operations the run wanted to make. */
function intendedCount(result: RunResult): number {
  return Object.values(result.acquire.counts).reduce((sum, count) => sum + count, 0);
}

/** What stands beside every percentile: the share that succeeded, the time failures took, the waits without an end. */
export function describeSuccess(result: RunResult): string {
  const { counts, successRatio, gaveUp, unfinished } = result.acquire;
  const intended = intendedCount(result);
  const acquired = `${formatShare(successRatio)} of ${formatCount(intended)} acquired`;
  const failed =
    gaveUp.count === 0
      ? 'none gave up'
      : `${formatCount(gaveUp.count)} gave up (p50 ${formatQuantile(gaveUp.p50Ns, 0.5, gaveUp)}, max ${formatNs(gaveUp.maxNs)})`;
  const waiting =
    unfinished.count === 0
      ? 'none unfinished'
      : `${formatCount(unfinished.count)} unfinished (oldest ${formatNs(unfinished.oldestNs)})`;
  const dropped = counts.dropped === 0 ? [] : [`${formatCount(counts.dropped)} dropped`];
  return intended === 0 ? 'nothing was attempted' : [acquired, failed, waiting, ...dropped].join(' · ');
}

/** What each outcome means, for legends and tables. */
export const OUTCOME_WORDS: Readonly<Record<OperationStatus, string>> = {
  acquired: 'acquired',
  held: 'held by others',
  expired: 'expired on arrival',
  indeterminate: 'too few answers',
  aborted: 'aborted',
  dropped: 'dropped',
  unfinished: 'unfinished',
};

/** What a threshold measured, in the unit that its limit was given in. */
export function describeThresholdValue({ expression, value }: ThresholdResult): string {
  if (value === null) return 'nothing to measure it on';
  if (/\d(us|ms|s|m)$/.test(expression)) return formatNs(value);
  return expression.endsWith('%') ? formatShare(value) : formatAmount(value);
}
