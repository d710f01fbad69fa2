/**
 * Decides a gate: from the effects of a comparison to pass, regression, inconclusive or invalid, and an exit code.
 *
 * @module
 */
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import type { Arm, ArmRun, Comparison, Effect, Metric, MetricName } from '../model/comparison.js';
import type { GatedMetric, GatedThreshold, GateOutcome } from '../model/gate.js';
import { isDisturbed } from './disturbance.js';
import { leastRuns } from './statements.js';

/** What a gate is decided on besides the runs. */
export interface GateRules {
  readonly isStrict: boolean;
  /** Of the machine that each side ran on, to tell how much of it other processes used; null where nobody knows. */
  readonly cores: Readonly<Record<typeof BASE | typeof HEAD, number | null>>;
  /** Where the smallest difference of a metric comes from; what is missing has its own. */
  readonly minEffectFrom: ReadonlyMap<MetricName, 'user' | 'calibration'>;
  readonly thresholds: readonly GatedThreshold[];
}

export interface GateDecision {
  readonly outcome: GateOutcome;
  readonly metrics: readonly GatedMetric[];
  /** Why the runs cannot decide, one sentence each; empty unless the outcome is `invalid`. */
  readonly reasons: readonly string[];
  /** Thresholds that more than half of the head's runs crossed. */
  readonly crossed: readonly GatedThreshold[];
  readonly exitCode: number;
}

/**
 * Decides. The arms are base and head, with one contrast between them.
 *
 * A regression needs a primary metric that the judge calls worse. What a starved or disturbed generator measured decides
 * nothing: it is invalid, whatever the figures say.
 */
export function decideGate(comparison: Comparison, rules: GateRules): GateDecision {
  const effects = comparison.contrasts[0]?.effects ?? [];
  const metrics = comparison.metrics.map((metric): GatedMetric => ({
    metric: metric.name,
    outcome: outcomeOf(
      metric,
      effects.find((effect) => effect.metric === metric.name),
    ),
    minEffect: metric.minEffect,
    minEffectFrom: rules.minEffectFrom.get(metric.name) ?? 'metric',
  }));
  const primary = metrics.filter(({ metric }) => comparison.metrics.some((m) => m.isPrimary && m.name === metric));
  const reasons = findReasonsAgainst(comparison, rules.cores);
  const crossed = rules.thresholds.filter(({ passed }) => !passed);
  const outcome = decideOutcome(primary, reasons, comparison);
  return {
    outcome,
    metrics,
    reasons,
    crossed,
    exitCode: firstExitCode([...codesOfRuns(comparison), codeOf(outcome, rules.isStrict), codeOfCrossed(crossed)]),
  };
}

/** How the arms of a gate are called. */
export const BASE = 'base';
export const HEAD = 'head';

function decideOutcome(
  primary: readonly GatedMetric[],
  reasons: readonly string[],
  { arms, contrasts }: Comparison,
): GateOutcome {
  if (reasons.length > 0) return 'invalid';
  // A lock that broke where the other held has become worse in the one thing that counts.
  if (isViolated(arms, HEAD) && !isViolated(arms, BASE)) return 'regression';
  if (primary.some(({ outcome }) => outcome === 'regression')) return 'regression';
  const isOpen = primary.some(({ outcome }) => outcome === 'inconclusive' || outcome === 'not-compared');
  return isOpen || contrasts.length === 0 ? 'inconclusive' : 'pass';
}

/** Whether the lock of a side broke mutual exclusion in any of its runs. */
export function isViolated(arms: readonly Arm[], name: string): boolean {
  return arms.some((arm) => arm.name === name && arm.runs.some(isViolation));
}

/**
 * What the judge's verdict means for a gate. An interval that is too wide to say "no difference" may still exclude a
 * regression that matters, which is all that a gate asks (non-inferiority).
 */
function outcomeOf(metric: Metric, effect: Effect | undefined): GatedMetric['outcome'] {
  switch (effect?.verdict) {
    case 'better':
      return 'improvement';
    case 'worse':
      return 'regression';
    case 'no-difference':
      return 'pass';
    case 'inconclusive':
      return isNotInferior(metric, effect) ? 'pass' : 'inconclusive';
    case undefined:
    case 'not-compared':
      return 'not-compared';
  }
}

/** Whether even the bad end of the interval is within the smallest difference that matters. */
export function isNotInferior({ better, minEffect }: Metric, { low, high }: Effect): boolean {
  if (low === null || high === null) return false;
  return better === 'higher' ? low > 1 / (1 + minEffect) : high < 1 + minEffect;
}

/** Why these runs cannot decide anything, whatever their figures are. */
function findReasonsAgainst(comparison: Comparison, coresOf: GateRules['cores']): string[] {
  return [
    ...findTooManyLeftOut(comparison),
    ...comparison.arms.flatMap(({ name, runs }) => {
      const cores = name === BASE || name === HEAD ? coresOf[name] : null;
      if (cores === null) return [];
      const known = runs.filter(({ otherCores }) => otherCores !== null);
      const disturbed = known.filter((run) => isDisturbed(run, cores));
      if (disturbed.length * 2 <= known.length) return [];
      return [
        `The machine was not quiet: in ${String(disturbed.length)} of ${String(known.length)} runs of ${name} other processes were in the way.`,
      ];
    }),
  ];
}

/**
 * Too few rounds from the start are no fault of the runs, and neither is an end before there were enough; rounds that were
 * made and cannot be used are.
 */
function findTooManyLeftOut(comparison: Comparison): string[] {
  const { design, status } = comparison;
  const isIn = ({ leftOut }: ArmRun): boolean => leftOut === null;
  // The run in which somebody ended it was not made.
  const arms = comparison.arms.map((arm) => ({
    ...arm,
    runs: arm.runs.filter(({ exitCode }) => exitCode !== EXIT_CODES.interrupted),
  }));
  const [made, left] =
    design === 'stored'
      ? [arms.map(({ runs }) => runs.length), arms.map(({ runs }) => runs.filter(isIn).length)].map((counts) =>
          Math.min(...counts),
        )
      : [pairsOf(arms, () => true), pairsOf(arms, isIn)];
  const out = arms.flatMap(({ runs }) => runs).filter((run) => !isIn(run));
  const least = leastRuns(comparison);
  if (made === undefined || left === undefined || left >= Math.min(least, made)) return [];
  if (status === 'interrupted' && made < least) return [];
  const reasons = [...new Set(out.map(({ leftOut }) => leftOut))].join('; ');
  const which = out.length === 1 ? '1 run is left out' : `${String(out.length)} runs are left out`;
  return [`${which}, which leaves too few to decide: ${reasons}.`];
}

/** Rounds in which both sides have such a run. */
function pairsOf([base, head]: readonly Arm[], isCounted: (run: ArmRun) => boolean): number {
  const rounds = new Set(base?.runs.filter(isCounted).map(({ round }) => round));
  return head?.runs.filter((run) => isCounted(run) && rounds.has(run.round)).length ?? 0;
}

function isViolation({ safety, contractCount }: ArmRun): boolean {
  return safety === 'violation' || contractCount > 0;
}

/** What single runs say that no comparison can make good again: a violation, an interruption, a crash. */
function codesOfRuns({ arms, design, status }: Comparison): number[] {
  const decidedHere: readonly number[] = [EXIT_CODES.invalidRun, EXIT_CODES.thresholdCrossed];
  // What once happened to stored runs did not happen to this gate.
  const runs = arms.flatMap((arm) => (design === 'stored' && arm.name !== HEAD ? [] : arm.runs));
  return [
    ...runs.map(({ exitCode }) => exitCode).filter((code) => !decidedHere.includes(code)),
    runs.some(isViolation) ? EXIT_CODES.violation : EXIT_CODES.ok,
    status === 'interrupted' ? EXIT_CODES.interrupted : EXIT_CODES.ok,
  ];
}

function codeOf(outcome: GateOutcome, isStrict: boolean): number {
  switch (outcome) {
    case 'pass':
      return EXIT_CODES.ok;
    case 'regression':
      return EXIT_CODES.regression;
    case 'invalid':
      return EXIT_CODES.invalidRun;
    case 'inconclusive':
      return isStrict ? EXIT_CODES.inconclusive : EXIT_CODES.ok;
  }
}

function codeOfCrossed(crossed: readonly GatedThreshold[]): number {
  return crossed.length > 0 ? EXIT_CODES.thresholdCrossed : EXIT_CODES.ok;
}
