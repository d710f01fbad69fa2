/**
 * The words of a tuning: its settings, its network, its points, wherever they stand.
 *
 * @module
 */
import { formatAmount, formatShare, formatThings } from '../model/figure-text.js';
import { formatDurationMs, formatNs, msToNs } from '../model/time.js';
import type { LockSettings, StageName, TunedNetwork, TunePoint, TuneStage, TuningReport } from '../model/tuning.js';
import { describeRoundTrips } from './describe.js';
import { formatPercent } from './effect-words.js';
import { formatUptime } from '../model/uptime-text.js';
import { isSupported, NONE } from './figures.js';
import type { Cell } from './style.js';
import type { Tone } from './verdicts.js';

/** The setting that a stage swept: `33ms`; of a wait before a retry its least and its most, `5ms to 50ms`. */
export function nameSetting(stage: StageName, settings: LockSettings): string {
  switch (stage) {
    case 'node-timeout':
      return formatDurationMs(settings.nodeTimeoutMs);
    case 'retry':
      return `${formatDurationMs(settings.retryDelayMs)} to ${formatDurationMs(settings.retryDelayMs + settings.retryJitterMs)}`;
    case 'ttl':
      return formatDurationMs(settings.ttlMs);
  }
}

/** Where a setting stands on an axis, in milliseconds; of a wait before a retry its middle. */
export function settingMs(stage: StageName, settings: LockSettings): number {
  switch (stage) {
    case 'node-timeout':
      return settings.nodeTimeoutMs;
    case 'retry':
      return settings.retryDelayMs + settings.retryJitterMs / 2;
    case 'ttl':
      return settings.ttlMs;
  }
}

/** What a point is within its stage. */
export type PointRole = 'recommended' | 'frontier' | 'beaten' | 'left-out' | 'confirmation';

/** Finds the role of a point of a stage. */
export function roleOf({ points, recommended }: TuneStage, point: TunePoint): PointRole {
  if (recommended !== null && points[recommended] === point) return 'recommended';
  if (point.leftOut !== null) return 'left-out';
  return point.isOnFrontier ? 'frontier' : 'beaten';
}

/** Whether a point has the settings that the user has now. */
function isSetNow({ scenario }: TuningReport, stage: StageName, { settings }: TunePoint): boolean {
  const { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs } = scenario;
  return nameSetting(stage, settings) === nameSetting(stage, { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs });
}

/** Every run that was made of these points, those that do not count as well. */
function runsOf(points: readonly TunePoint[]): number {
  return points.reduce((sum, { directories }) => sum + directories.length, 0);
}

/** The second run of the recommendation belongs to the stage whose load it repeats. */
export function confirmationOf({ confirmation }: TuningReport, stage: StageName): TunePoint | undefined {
  if (stage === 'node-timeout') return confirmation?.point;
  return stage === 'retry' ? (confirmation?.contended ?? undefined) : undefined;
}

/** How many acquisitions stand behind the times of a point. */
function acquiredOf({ operations, success }: TunePoint): number {
  return Math.round(operations * success.share);
}

/** Whether so many were acquired that a percentile of their times can be stated. */
export function hasQuantile(point: TunePoint, share: number): boolean {
  return isSupported(share, acquiredOf(point));
}

/** A figure of points that tables show. */
export interface PointColumn {
  readonly name: string;
  readonly cell: (point: TunePoint) => Cell;
}

const plain =
  (write: (point: TunePoint) => string) =>
  (point: TunePoint): Cell => ({ text: write(point) });

const COLUMNS = {
  success: {
    name: 'success',
    cell: plain(({ success, operations }) => (operations === 0 ? NONE : formatShare(success.share))),
  },
  interval: {
    name: '95 % interval',
    cell: plain(({ success, operations }) =>
      operations === 0 ? NONE : `${formatShare(success.low)} to ${formatShare(success.high)}`,
    ),
  },
  predicted: {
    name: 'predicted',
    cell: plain(({ predicted }) => (predicted === null ? NONE : formatShare(predicted.success))),
  },
  p50: { name: 'p50', cell: plain((point) => (hasQuantile(point, 0.5) ? formatNs(point.p50Ns) : NONE)) },
  p99: {
    name: 'p99',
    cell: (point) => ({ text: hasQuantile(point, 0.99) ? formatNs(point.p99Ns) : NONE, emphasis: 'strong' }),
  },
  predictedP99: {
    name: 'predicted p99',
    cell: plain(({ predicted }) => {
      const ns = predicted?.p99Ns ?? null;
      return ns === null ? NONE : formatNs(ns);
    }),
  },
  failing: {
    name: 'failing costs',
    cell: plain(({ failedMasterCostNs: cost }) => (cost === null ? NONE : `${cost > 0 ? '+' : ''}${formatNs(cost)}`)),
  },
  attempts: {
    name: 'attempts',
    cell: plain((point) => (acquiredOf(point) === 0 ? NONE : formatAmount(point.attempts))),
  },
  split: {
    name: 'split votes',
    cell: plain(({ splitVoteShare, operations }) => (operations === 0 ? NONE : formatShare(splitVoteShare))),
  },
  validity: {
    name: 'validity left',
    cell: plain(({ validityLeftP1Ms: left }) => (left === null ? NONE : formatNs(msToNs(left)))),
  },
  overruns: {
    name: 'outlived',
    cell: plain(({ outlived }) => (outlived === null ? NONE : formatShare(outlived.share))),
  },
} as const satisfies Readonly<Record<string, PointColumn>>;

/** What decides in each stage, for a terminal's width. */
export const STAGE_COLUMNS: Readonly<Record<StageName, readonly PointColumn[]>> = {
  'node-timeout': [COLUMNS.success, COLUMNS.interval, COLUMNS.p50, COLUMNS.p99, COLUMNS.failing],
  retry: [COLUMNS.success, COLUMNS.p50, COLUMNS.p99, COLUMNS.attempts, COLUMNS.split],
  ttl: [COLUMNS.overruns, COLUMNS.validity, COLUMNS.success, COLUMNS.p99],
};

/** Everything that is known of a point. */
export const ALL_COLUMNS: readonly PointColumn[] = Object.values(COLUMNS);

/** What the names of the columns mean. */
export const COLUMN_MEANINGS: readonly (readonly [string, string])[] = [
  ['success', 'share of the intended operations that were acquired'],
  ['predicted', 'what order statistics of the measured round trips let expect'],
  ['p50, p99', 'response time of what was acquired'],
  ['failing costs', 'what the median acquisition takes longer while a near master is out of reach'],
  ['attempts', 'attempts for each acquisition'],
  ['split votes', 'share of the attempts in which nobody reached a quorum'],
  ['validity left', '1st percentile of the validity at the grant'],
  ['outlived', 'share of the holds that outlived their validity'],
];

/** The row names of a stage: the setting, and what it is. */
export function namePoint(report: TuningReport, stage: TuneStage, point: TunePoint): string {
  const isNow = isSetNow(report, stage.name, point);
  return `${nameSetting(stage.name, point.settings)}${isNow ? ' (now)' : ''}`;
}

/** How well separated the recommendation is from a broken lock or from no answer. */
export function toneOfTuning({ violations, recommendation, warnings, status, confirmation }: TuningReport): Tone {
  if (violations.length > 0) return 'bad';
  const isDoubtful = recommendation === null || warnings.length > 0 || status !== 'complete';
  return isDoubtful || confirmation?.isConfirmed === false ? 'warning' : 'good';
}

/** The network in one line. */
export function describeNetwork({ roundTrips, stall, failingShare }: TunedNetwork): string {
  return [
    `${formatThings(roundTrips.length, 'master')} at ${describeRoundTrips([roundTrips])}`,
    stall === null
      ? 'no stalls'
      : `each way stalls for ${formatDurationMs(stall.lengthMs)} ${formatPercent(stall.share)} of the time`,
    failingShare === 0 ? 'no master fails' : `each master out of reach ${formatPercent(failingShare)} of the time`,
  ].join(' · ');
}

/** How it was tuned, in one line. */
export function describeTuning(report: TuningReport): string {
  const { stages, network, lock, isUnsafe, targetSuccess, status, seed } = report;
  const points = stages.flatMap((stage) => stage.points);
  const runs = runsOf([...points, ...againOf(report)]);
  return [
    `${formatThings(points.length, 'point')} in ${formatThings(runs, 'run')}${status === 'complete' ? '' : `, ${status}`}`,
    `success asked for: ${formatPercent(targetSuccess)}`,
    describeNetwork(network),
    `lock ${lock}${isUnsafe ? ' (unsafe)' : ''}`,
    `seed ${String(seed)}`,
  ].join(' · ');
}

function againOf({ confirmation }: TuningReport): TunePoint[] {
  if (confirmation === null) return [];
  return [confirmation.point, ...(confirmation.contended === null ? [] : [confirmation.contended])];
}

/** Who broke mutual exclusion, for the titles of charts; empty when nobody did. */
export function tuningAlarm(report: TuningReport): string {
  const { stages, lock, isUnsafe, violations } = report;
  const points = [...stages.flatMap((stage) => stage.points), ...againOf(report)];
  const isViolated = violations.length > 0 || points.some((point) => point.safety === 'violation');
  return isViolated ? `mutual exclusion violated by ${lock}${isUnsafe ? ' (unsafe)' : ''}` : '';
}

/** What a quorum costs and buys in availability. */
export function describeAvailability({ availability }: TuningReport): string | undefined {
  if (availability === null) return undefined;
  const { perMaster, awaited, leftOut, withAwaited, withAll } = availability;
  const each = `with each master up ${formatPercent(perMaster)} of the time, independently`;
  if (leftOut.length === 0)
    return `${each}, a quorum is there ${formatUptime(withAll)} of the time; every master is awaited`;
  return (
    `${each}, a quorum is there in time ${formatUptime(withAwaited)} of the time, with ${awaited.length === 0 ? 'no master' : `the masters ${awaited.join(', ')}`} awaited; ` +
    `with master ${leftOut.join(', ')} awaited too, ${formatUptime(withAll)}`
  );
}

/** What statements do not say already. */
export function untoldSentences({ statements }: TuningReport, sentences: readonly string[]): string[] {
  return sentences.filter((sentence) => !statements.includes(sentence));
}
