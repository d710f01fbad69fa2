/**
 * The words of a comparison: how arms, contrasts and the design are named, wherever they stand.
 *
 * @module
 */
import type { Arm, Comparison, Contrast, Effect, Metric } from '../model/comparison.js';
import { formatCount, formatThings } from '../model/figure-text.js';
import { totalsOf, type ArmTotals } from './arm-figures.js';
import { scenarioClauses } from './describe.js';
import { NONE } from './figures.js';
import type { Cell } from './style.js';

/** An arm's name, marked where something is known to be wrong with its lock. */
export function nameArm({ name, isUnsafe }: Arm): string {
  return mark(name, isUnsafe);
}

/** What a contrast holds against what. */
export interface ContrastName {
  /** What only the arm has: `N=3`. */
  readonly arm: string;
  /** What only the baseline has: `N=1`. */
  readonly baseline: string;
  /** What both have: `redlock`; empty when that is nothing. */
  readonly shared: string;
  /** All of it: `N=3 against N=1, redlock`. */
  readonly label: string;
}

/** Names a contrast by what differs; what the two arms share is said once. */
export function nameContrast({ arms }: Comparison, contrast: Contrast): ContrastName {
  const [arm, baseline] = [arms[contrast.arm], arms[contrast.baseline]];
  if (arm === undefined || baseline === undefined) throw new RangeError('contrast: expected two arms, got none');
  const [ofArm, ofBaseline] = [arm.name.split(', '), baseline.name.split(', ')];
  const parts = ofArm.filter((part) => ofBaseline.includes(part));
  // The mark stands by what is unsafe: by what both have, where both are.
  const isUnsafeTogether = arm.isUnsafe && baseline.isUnsafe && parts.length > 0;
  const own = (all: readonly string[], isUnsafe: boolean): string =>
    mark(all.filter((part) => !parts.includes(part)).join(', ') || all.join(', '), isUnsafe && !isUnsafeTogether);
  const ownOfArm = own(ofArm, arm.isUnsafe);
  const ownOfBaseline = own(ofBaseline, baseline.isUnsafe);
  const shared = mark(parts.join(', '), isUnsafeTogether);
  const where = shared === '' ? '' : `, ${shared}`;
  return { arm: ownOfArm, baseline: ownOfBaseline, shared, label: `${ownOfArm} against ${ownOfBaseline}${where}` };
}

/** The arm that all others are held against, where there are many: then naming it in each row would only hide the others. */
export function sharedBaseline({ arms, contrasts }: Comparison): string | undefined {
  const [first, ...others] = contrasts;
  if (first === undefined || others.length < 2) return undefined;
  const arm = arms[first.baseline];
  if (arm === undefined || others.some(({ baseline }) => baseline !== first.baseline)) return undefined;
  return nameArm(arm);
}

/** The name of a contrast in a list of all: the arm alone where all have the same baseline. */
export function nameInList(comparison: Comparison, contrast: Contrast): string {
  const arm = comparison.arms[contrast.arm];
  return arm !== undefined && sharedBaseline(comparison) !== undefined
    ? nameArm(arm)
    : nameContrast(comparison, contrast).label;
}

function mark(name: string, isUnsafe: boolean): string {
  return isUnsafe ? `${name} (unsafe)` : name;
}

/** How the runs were made: `10 interleaved rounds`, `3 of 10 interleaved rounds`, or `24 stored runs, not interleaved`. */
export function describeDesign({ design, rounds, arms }: Comparison): string {
  const runs = arms.flatMap((arm) => arm.runs);
  if (design === 'stored') return `${formatThings(runs.length, 'stored run')}, not interleaved`;
  const made = new Set(runs.map((run) => run.round)).size;
  return `${made < rounds ? `${formatCount(made)} of ` : ''}${formatThings(rounds, 'interleaved round')}`;
}

/** What was compared: `6 arms (lock: redlock, loner; masters: 1, 3, 5)`. */
export function describeArms({ arms, factors }: Comparison): string {
  const varied = factors.filter((factor) => factor.levels.length > 1);
  const levels = varied.map(({ name, levels: each }) => `${name}: ${each.join(', ')}`).join('; ');
  const names = arms.map(nameArm).join('; ');
  return `${formatThings(arms.length, 'arm')}${(levels || names) === '' ? '' : ` (${levels || names})`}`;
}

/** The locks with the versions that were measured, marked where they are unsafe. */
export function describeLocks({ arms }: Comparison): string {
  const locks = new Set(arms.map(({ lock, isUnsafe }) => mark(lock, isUnsafe)));
  return [...locks].join('; ') || 'none';
}

/** What all arms have in common, clause by clause; without their seeds, which differ from round to round. */
export function sharedClauses({ arms }: Comparison): string[] {
  const clauses = arms.map(({ scenario, lock, isUnsafe }) =>
    scenarioClauses({ scenario, lock: { name: lock, version: null, isUnsafe, flaw: null } }),
  );
  const [first = [], ...others] = clauses;
  return first.filter((clause) => !clause.startsWith('seed ') && others.every((each) => each.includes(clause)));
}

/** One sentence of what was found. */
export interface Finding {
  readonly text: string;
  /** It says that a lock broke its promise. */
  readonly isViolation: boolean;
}

/** What was found, sentence by sentence. */
export function findingsOf({ statements, violations }: Pick<Comparison, 'statements' | 'violations'>): Finding[] {
  return statements.map((text) => ({ text, isViolation: violations.includes(text) }));
}

/** More sentences than these nobody reads before the figures. */
const MOST_FINDINGS = 20;

/** What to say at once: the beginning, and the last sentence, which says what all of it is about; and how many between. */
export function foldFindings(
  findings: readonly Finding[],
  most = MOST_FINDINGS,
): { readonly shown: Finding[]; readonly folded: Finding[] } {
  if (findings.length <= most) return { shown: [...findings], folded: [] };
  const kept = findings.filter(
    (finding, index) => finding.isViolation || index < most - 1 || index === findings.length - 1,
  );
  return { shown: kept, folded: findings.filter((finding) => !kept.includes(finding)) };
}

/** What was seen of mutual exclusion in all runs of an arm; nothing where it has none. */
export function describeExclusion(arm: Arm): Required<Cell> {
  const { violatedRuns, runs } = totalsOf(arm);
  const unknown = arm.runs.filter((run) => run.safety === 'unknown').length;
  if (violatedRuns > 0)
    return { text: `VIOLATED in ${formatCount(violatedRuns)} of ${formatCount(runs)}`, emphasis: 'bad' };
  if (unknown > 0) return { text: `unknown in ${formatCount(unknown)}`, emphasis: 'warning' };
  return { text: runs === 0 ? NONE : 'none observed', emphasis: 'plain' };
}

/** What the leak audits after the runs of an arm found; nothing where it has none. */
export function describeArmLeaks({ leakedKeys, runsWithUnknownLeaks, runs }: ArmTotals): string {
  if (runs === 0) return NONE;
  if (runsWithUnknownLeaks === 0) return formatCount(leakedKeys);
  return runsWithUnknownLeaks === runs ? 'unknown' : `≥ ${formatCount(leakedKeys)}`;
}

/** What is known to be wrong with the locks that were measured, one sentence each; not what the warnings say already. */
export function untoldFlaws({ arms, warnings }: Comparison): string[] {
  const flaws = arms.flatMap(({ lock, isUnsafe, flaw }) => {
    const isTold = flaw === null || warnings.some((warning) => warning.includes(flaw));
    return isUnsafe && !isTold ? [`${mark(lock, isUnsafe)}: ${flaw}`] : [];
  });
  return [...new Set(flaws)];
}

/** The metrics of a comparison, those that decide first. */
export function orderedMetrics({ metrics }: Comparison): Metric[] {
  return [...metrics.filter((metric) => metric.isPrimary), ...metrics.filter((metric) => !metric.isPrimary)];
}

/** The effect of a contrast on a metric. */
export function effectOn({ effects }: Contrast, { name }: Metric): Effect | undefined {
  return effects.find((effect) => effect.metric === name);
}
