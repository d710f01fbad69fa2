/**
 * The words of a gate: outcomes, changes in percent, the two sides.
 *
 * @module
 */
import type { Arm, Effect, Metric } from '../model/comparison.js';
import { formatCount, formatThings } from '../model/figure-text.js';
import type { GatedMetric, GatedThreshold, GateOutcome, GateReport, GateRow, GateSide } from '../model/gate.js';
import { formatNs, sToNs } from '../model/time.js';
import { runsIn } from './arm-figures.js';
import { describeDesign } from './comparison-words.js';
import { formatPercent, formatPValue } from './effect-words.js';
import { oneLine } from './exports/plain-text.js';
import { NONE } from './figures.js';
import { formatFound } from './metric-words.js';
import type { Emphasis } from './style.js';
import { describeThresholdValue, type Tone } from './verdicts.js';

/** What a gate said, before its reason. */
const OUTCOME_WORDS: Readonly<Record<GateOutcome, string>> = {
  pass: 'PASS',
  regression: 'REGRESSION',
  inconclusive: 'INCONCLUSIVE',
  invalid: 'INVALID',
};

/** What a gate said of one metric. */
export const METRIC_OUTCOME_WORDS: Readonly<Record<GatedMetric['outcome'], string>> = {
  pass: 'pass',
  improvement: 'improvement',
  regression: 'regression',
  inconclusive: 'inconclusive',
  'not-compared': 'not compared',
};

/** Where a smallest difference came from: `calibration`. */
export const MIN_EFFECT_SOURCES: Readonly<Record<GatedMetric['minEffectFrom'], string>> = {
  metric: 'the default',
  user: '--min-effect',
  calibration: 'the calibration',
};

const OUTCOME_TONES: Readonly<Record<GateOutcome, Tone>> = {
  pass: 'good',
  regression: 'bad',
  inconclusive: 'warning',
  invalid: 'bad',
};

const METRIC_EMPHASIS: Readonly<Record<GatedMetric['outcome'], Emphasis>> = {
  pass: 'good',
  improvement: 'good',
  regression: 'bad',
  inconclusive: 'warning',
  'not-compared': 'faint',
};

/** What fails is no good news, whatever was decided on the speed: a broken lock, a threshold, an early end. */
export function outcomeTone({ outcome, exitCode }: GateReport): Tone {
  return exitCode === 0 || exitCode === STRICT_INCONCLUSIVE ? OUTCOME_TONES[outcome] : 'bad';
}

/** Exit codes that a headline tells; a report knows them as figures of its file. */
const FAILED: readonly number[] = [1, 2];
const VIOLATION = 3;
const STRICT_INCONCLUSIVE = 97;

/** The outcome in words, with what keeps a gate from ending as these would: `PASS, but thresholds were crossed`. */
export function outcomeHeadline(report: GateReport): string {
  const { outcome, exitCode, isStrict } = report;
  const buts = [
    ...(exitCode === VIOLATION && outcome !== 'regression' ? ['mutual exclusion was broken'] : []),
    ...(outcome !== 'invalid' && report.thresholds.some(({ passed }) => !passed) ? ['thresholds were crossed'] : []),
    ...(FAILED.includes(exitCode) ? [`it failed with exit code ${String(exitCode)}`] : []),
    ...(outcome === 'inconclusive' && isStrict ? ['it was to be strict'] : []),
  ];
  return [
    OUTCOME_WORDS[outcome],
    ...(isWhole(report) ? [] : [` (interrupted after ${madeRounds(report)})`]),
    ...(buts.length === 0 ? [] : [`, but ${buts.join(' and ')}`]),
  ].join('');
}

/** Whether every round was made that was asked for. */
export function isWhole({ comparison }: GateReport): boolean {
  return comparison.status === 'complete';
}

/** How many rounds were made: `3 of 10 rounds`. */
export function madeRounds({ comparison: { arms, design }, plannedRounds }: GateReport): string {
  const counts = arms.filter(({ name }) => design === 'interleaved' || name === 'head').map(({ runs }) => runs.length);
  const made = design === 'interleaved' && arms.length < 2 ? 0 : Math.min(plannedRounds, ...counts);
  return `${counts.length === 0 ? '0' : String(made)} of ${formatThings(plannedRounds, 'round')}`;
}

/** Writes what the runs of head measured for a threshold: `18.2 ms, crossed in 6 of 10 runs of head`. */
export function describeGatedThreshold(threshold: GatedThreshold): string {
  const { runs, crossed } = threshold;
  if (runs === 0) return 'no run of head is in';
  return `${describeThresholdValue(threshold)} in the median, crossed in ${String(crossed)} of ${formatThings(runs, 'run')} of head`;
}

/** How loudly an outcome is shown, of which the word always stands beside it; faintly where it decides nothing. */
export function outcomeEmphasis({ gated, metric }: GateRow): Emphasis {
  return metric.isPrimary ? METRIC_EMPHASIS[gated.outcome] : 'faint';
}

/** What was concluded: the sentence why, which stands beside the outcome and does not repeat it, and the others. */
export interface Reasons {
  readonly why: string;
  readonly others: readonly string[];
}

/** Why a gate said what it said, and what else was found. That runs are invalid says nothing without the first of the reasons. */
export function reasonsOf({ outcome, statements }: GateReport): Reasons {
  const [first = 'nothing was concluded.', ...others] = statements;
  const prefix = `${OUTCOME_WORDS[outcome]}: `;
  const why = first.toUpperCase().startsWith(prefix) ? first.slice(prefix.length) : first;
  const [second, ...rest] = others;
  return outcome === 'invalid' && second !== undefined ? { why: `${why} ${second}`, others: rest } : { why, others };
}

/** Writes a change with its interval: `+14.2 % [+8.1, +21.0]`; of a share, that of its odds. */
export function formatChange({ ratio, low, high }: Effect, { scale }: Pick<Metric, 'scale'>): string {
  if (ratio === null) return NONE;
  const interval = low === null || high === null ? 'no interval' : `${signed(low)}, ${signed(high)}`;
  return `${scale === 'odds' ? 'odds ' : ''}${signed(ratio)} % [${interval}]`;
}

/** Everything that was decided on, in one line: `+14.2 % [+8.1, +21.0], p 0.004, smallest difference that counts 10 %`. */
export function describeChange({ effect, metric }: GateRow): string {
  const smallest = `smallest difference that counts ${formatLimit(metric)}`;
  if (effect.ratio === null) return `no runs on both sides have a value; ${smallest}`;
  return `${formatChange(effect, metric)}, p ${formatPValue(effect.adjustedPValue ?? effect.pValue)}, ${smallest}`;
}

/** Writes from where on a difference counts: `5 %`, of a share `5 % of the odds`. */
export function formatLimit({ minEffect, scale }: Pick<Metric, 'minEffect' | 'scale'>): string {
  return `${formatPercent(minEffect)}${scale === 'odds' ? ' of the odds' : ''}`;
}

/** Writes the median of a side; with `≥` where it is a lower bound. */
export function formatSide(metric: Metric, value: number | null, arm: Arm | undefined): string {
  return formatFound(metric, arm === undefined ? [] : runsIn(arm), value);
}

/** What a side was: `checkout ../old, redlock-bench 1.2.0, redlock 0.1.0`. */
export function describeSide({ kind, text, tool, lock }: GateSide): string {
  const known = [tool, lock].filter((each) => each !== null);
  // What another program says of itself may hold anything, control sequences of a terminal included.
  return [`${kind} ${text}`, ...(known.length > 0 ? known : ['never ran'])].map(oneLine).join(', ');
}

/** How it was decided: rounds, seed, time, commit. */
export function describeGateDesign({ comparison, tookSeconds, commit, isStrict }: GateReport): string[] {
  const { seed, status } = comparison;
  return [
    describeDesign(comparison),
    ...(seed === null ? [] : [`seed ${String(seed)}`]),
    `took ${formatNs(sToNs(tookSeconds))}`,
    ...(commit === null ? [] : [`commit ${oneLine(commit).slice(0, COMMIT_CHARACTERS)}`]),
    ...(isStrict ? ['strict: inconclusive fails'] : []),
    ...(status === 'complete' ? [] : [status]),
  ];
}

/** Whose noise floors raised what counts. */
export function describeCalibration({ calibration }: GateReport): string {
  return calibration === null
    ? 'none: nobody measured how much this machine differs from itself'
    : `${calibration.file} of ${calibration.startedAt.slice(0, DATE_CHARACTERS)}`;
}

const COMMIT_CHARACTERS = 12;
const DATE_CHARACTERS = 10;

/** Less would be written as nought with a sign. */
const LEAST_PERCENT = 0.05;

/** The change from 1 in percent, without its unit. */
function signed(ratio: number): string {
  const percent = (ratio - 1) * 100;
  const size = Math.abs(percent);
  if (size < LEAST_PERCENT) return '0.0';
  const digits = size >= 1_000 ? formatCount(size) : size.toFixed(size >= 100 ? 0 : 1);
  return `${percent < 0 ? '−' : '+'}${digits}`;
}
