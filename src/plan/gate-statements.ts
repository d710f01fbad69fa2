/**
 * A gate in plain words: what was decided, on what, and what to know before believing it.
 *
 * @module
 */
import type { Arm, Comparison } from '../model/comparison.js';
import { roughPercent } from '../model/figure-text.js';
import type { GatedMetric } from '../model/gate.js';
import { BASE, HEAD, isNotInferior, isViolated, type GateDecision } from './gate-decision.js';
import { sayDifference, type Finding } from './statements.js';

/** What was decided, one sentence each, and then what the comparison itself says. */
export function stateGate(comparison: Comparison, decision: GateDecision): string[] {
  const primary = findPrimary(comparison, decision.metrics);
  const improved = primary.filter(({ gated }) => gated.outcome === 'improvement');
  return [
    ...stateOutcome(decision, primary, comparison),
    ...(improved.length === 0 || decision.outcome === 'invalid'
      ? []
      : [
          `Improved: ${improved.map(({ metric, finding }) => `${metric.label} ${sayDifference(finding)}`).join('; ')}.`,
        ]),
    ...decision.crossed.map(
      ({ expression, crossed, runs }) =>
        `More than half of the runs of ${HEAD} crossed ${expression}: ${String(crossed)} of ${String(runs)}.`,
    ),
    ...stateBothBroken(comparison),
    ...(comparison.arms.length > 1 && comparison.arms.every(isSaturated)
      ? [
          `Both sides were limited by the load generator: what is gated here is what ${HEAD} costs the client, and not from this data what the masters could serve.`,
        ]
      : []),
    ...comparison.statements,
  ];
}

/** A lock that was broken before is not worse for being broken still, and no figure of it is one of a lock. */
function stateBothBroken({ arms }: Comparison): string[] {
  if (!isViolated(arms, HEAD) || !isViolated(arms, BASE)) return [];
  return [`Both ${BASE} and ${HEAD} broke mutual exclusion, so that is no difference between them.`];
}

/** What makes this gate coarser than it seems, one sentence each. */
export function warnOfGate(comparison: Comparison, metrics: readonly GatedMetric[]): string[] {
  const raised = findPrimary(comparison, metrics).filter(({ gated }) => gated.minEffectFrom === 'calibration');
  if (raised.length === 0) return [];
  const limits = raised.map(({ metric }) => `${metric.label} less than ${roughPercent(metric.minEffect)}`).join(', ');
  return [`the calibration says that this machine differs from itself, so ${limits} does not count`];
}

interface Gated {
  readonly metric: Finding['metric'];
  readonly gated: GatedMetric;
  readonly finding: Finding;
}

/** The primary metrics that were compared, with what they were compared on. */
function findPrimary({ arms, contrasts, metrics }: Comparison, gated: readonly GatedMetric[]): Gated[] {
  const [base, head] = [BASE, HEAD].map((name) => arms.find((arm) => arm.name === name));
  return metrics.flatMap((metric): Gated[] => {
    const effect = contrasts[0]?.effects.find((each) => each.metric === metric.name);
    const decided = gated.find((each) => each.metric === metric.name);
    if (!metric.isPrimary || effect === undefined || decided === undefined) return [];
    if (base === undefined || head === undefined) return [];
    return [{ metric, gated: decided, finding: { metric, effect, arm: head, baseline: base } }];
  });
}

function stateOutcome({ outcome, reasons }: GateDecision, primary: readonly Gated[], comparison: Comparison): string[] {
  switch (outcome) {
    case 'invalid':
      return ['Invalid: these runs decide nothing, whatever their figures are.', ...reasons];
    case 'regression': {
      const worse = primary.filter(({ gated }) => gated.outcome === 'regression');
      const isBroken = isViolated(comparison.arms, HEAD) && !isViolated(comparison.arms, BASE);
      const broken = `${HEAD} broke mutual exclusion, and ${BASE} did not`;
      if (worse.length === 0) return [`Regression: ${broken}.`];
      const list = worse.map(({ metric, finding }) => `${metric.label} ${sayDifference(finding)}`).join('; ');
      return [`Regression: ${isBroken ? `${broken}; ` : ''}${HEAD} is worse than ${BASE} in ${list}.`];
    }
    case 'inconclusive':
      return [stateOpen(primary, comparison)];
    case 'pass':
      return [`Pass: ${primary.map(sayPassed).join(', ')}.`];
  }
}

function stateOpen(primary: readonly Gated[], { contrasts }: Comparison): string {
  const open = primary.filter(({ gated }) => gated.outcome === 'inconclusive' || gated.outcome === 'not-compared');
  const hasInterval = contrasts[0]?.effects.some(({ low }) => low !== null) ?? false;
  const reason = hasInterval ? 'more rounds, longer runs or a quieter machine would narrow it' : 'too few rounds';
  return `Inconclusive: whether ${open.map(({ metric }) => metric.label).join(', ') || 'anything'} became worse is not from this data; ${reason}.`;
}

function sayPassed({ metric, gated, finding }: Gated): string {
  if (gated.outcome === 'improvement') return `${metric.label} improved`;
  const of = metric.scale === 'odds' ? ' of the odds' : '';
  // Either the judge saw no difference, or the interval rules out the one that matters.
  const bound = isNotInferior(metric, finding.effect) ? 'not worse than' : 'no difference beyond';
  return `${metric.label} ${bound} ${roughPercent(metric.minEffect)}${of}`;
}

function isSaturated({ runs }: Arm): boolean {
  const left = runs.filter(({ leftOut }) => leftOut === null);
  return left.length > 0 && left.every(({ isRateLowerBound }) => isRateLowerBound);
}
