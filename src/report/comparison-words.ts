/**
 * The words of a comparison: how arms, contrasts, effects and the design are named, wherever they stand.
 *
 * @module
 */
import type { Arm, Comparison, Contrast, Effect, Metric, Verdict } from '../model/comparison.js';
import { formatNs } from '../model/time.js';
import { totalsOf, type ArmTotals } from './arm-figures.js';
import { scenarioClauses } from './describe.js';
import { formatAmount, formatCount, formatShare, formatThings, NONE } from './figures.js';
import type { Emphasis } from './style.js';

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

function mark(name: string, isUnsafe: boolean): string {
  return isUnsafe ? `${name} (unsafe)` : name;
}

/** How the runs were made: `10 interleaved rounds`, or `24 stored runs, not interleaved`. */
export function describeDesign({ design, rounds, arms }: Comparison): string {
  if (design === 'interleaved') return formatThings(rounds, 'interleaved round');
  const runs = arms.reduce((sum, arm) => sum + arm.runs.length, 0);
  return `${formatThings(runs, 'stored run')}, not interleaved`;
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

/** What was found, sentence by sentence; violations are never left unsaid. */
export function findingsOf({ statements, arms }: Comparison): Finding[] {
  const violating = arms.filter((arm) => totalsOf(arm).violatedRuns > 0);
  const isViolation = (text: string): boolean => violating.length > 0 && text.includes('mutual exclusion');
  const said = statements.map((text) => ({ text, isViolation: isViolation(text) }));
  const unsaid = violating.filter(({ name }) => !said.some((each) => each.isViolation && each.text.includes(name)));
  return [...unsaid.map((arm) => ({ text: describeViolation(arm), isViolation: true })), ...said];
}

/** More sentences than these nobody reads before the figures. */
const MOST_FINDINGS = 20;

/** What to say at once: the beginning, and the last sentence, which says what all of it is about; and how many between. */
export function foldFindings(findings: readonly Finding[]): { readonly shown: Finding[]; readonly folded: Finding[] } {
  if (findings.length <= MOST_FINDINGS) return { shown: [...findings], folded: [] };
  const kept = findings.filter(
    (finding, index) => finding.isViolation || index < MOST_FINDINGS - 1 || index === findings.length - 1,
  );
  return { shown: kept, folded: findings.filter((finding) => !kept.includes(finding)) };
}

function describeViolation(arm: Arm): string {
  const { violatedRuns, runs, contract } = totalsOf(arm);
  return (
    `${nameArm(arm)} broke mutual exclusion in ${String(violatedRuns)} of ${formatThings(runs, 'run')} ` +
    `(${formatThings(contract, 'overlap')} within a promised validity).`
  );
}

/** What the leak audits after the runs of an arm found. */
export function describeArmLeaks({ leakedKeys, runsWithUnknownLeaks, runs }: ArmTotals): string {
  if (runsWithUnknownLeaks === 0) return formatCount(leakedKeys);
  return runsWithUnknownLeaks === runs ? 'unknown' : `≥ ${formatCount(leakedKeys)}`;
}

/** Writes a value of a metric in its unit. */
export function formatMetric({ name, unit }: Pick<Metric, 'name' | 'unit'>, value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (unit === 'ns' || unit === 'nsPerAcquisition') return formatNs(value);
  if (unit === 'perSecond') return `${formatAmount(value)}/s`;
  if (unit === 'count') return formatAmount(value);
  return name === 'jain' ? value.toFixed(3) : formatShare(value);
}

const LEAST_WRITTEN = 0.001;
const MOST_WRITTEN = 9_999;

/** Writes a ratio with three digits. */
export function formatRatio(ratio: number): string {
  if (ratio < LEAST_WRITTEN) return `<${String(LEAST_WRITTEN)}`;
  if (ratio > MOST_WRITTEN) return `>${formatCount(MOST_WRITTEN)}`;
  if (ratio >= 100) return formatCount(ratio);
  return ratio.toFixed(ratio >= 10 ? 1 : ratio >= 1 ? 2 : 3);
}

/** Writes an effect with its interval: `0.962 [0.941, 0.985]`. */
export function formatEffect({ ratio, low, high }: Effect): string {
  if (ratio === null) return NONE;
  const interval = low === null || high === null ? 'no interval' : `${formatRatio(low)}, ${formatRatio(high)}`;
  return `${formatRatio(ratio)} [${interval}]`;
}

export function formatPValue(p: number | null): string {
  if (p === null) return NONE;
  if (p < LEAST_WRITTEN) return `<${String(LEAST_WRITTEN)}`;
  return p >= 0.1 ? p.toFixed(2) : p.toFixed(p >= 0.01 ? 3 : 4);
}

/** What share of such intervals hold the truth: `95 %`. */
export function formatConfidence({ significance }: Comparison): string {
  return formatPercent(1 - significance);
}

/** Writes a share that somebody chose, without digits that nobody wrote. */
export function formatPercent(share: number): string {
  return `${String(Number((share * 100).toPrecision(6)))} %`;
}

/** The verdicts in few words; with `beyond …` where there is room. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  better: 'better',
  worse: 'worse',
  'no-difference': 'no difference',
  inconclusive: 'inconclusive',
  'not-compared': 'not compared',
};

/** A verdict with what it is about: `no difference beyond 5 %`. */
export function describeVerdict({ verdict }: Effect, { minEffect }: Metric): string {
  const words = VERDICT_WORDS[verdict];
  return verdict === 'no-difference' ? `${words} beyond ${formatPercent(minEffect)}` : words;
}

/** How loudly a verdict is shown; its word always stands beside it. */
export const VERDICT_EMPHASIS: Readonly<Record<Verdict, Emphasis>> = {
  better: 'good',
  worse: 'bad',
  'no-difference': 'plain',
  inconclusive: 'warning',
  'not-compared': 'faint',
};

/** The metrics of a comparison, those that decide first. */
export function orderedMetrics({ metrics }: Comparison): Metric[] {
  return [...metrics.filter((metric) => metric.isPrimary), ...metrics.filter((metric) => !metric.isPrimary)];
}

/** The effect of a contrast on a metric. */
export function effectOn({ effects }: Contrast, { name }: Metric): Effect | undefined {
  return effects.find((effect) => effect.metric === name);
}
