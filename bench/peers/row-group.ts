/**
 * What a group of rows hands to the table.
 *
 * @module
 */
import type { Measured } from './bench.js';
import { compareRounds, keepMeasured, medianOf, type Better } from './statistics.js';

export interface RowGroup {
  readonly title: string;
  /** One line for each contender. */
  readonly columns: readonly string[];
  readonly lines: readonly (readonly string[])[];
  readonly notes: readonly string[];
  readonly verdicts: readonly Verdict[];
  /** Every report of every round, for `--json`. */
  readonly measured: unknown;
}

/** One line of the table of targets. */
export interface Verdict {
  readonly measured: string;
  readonly ours: string;
  /** The best peer, or what else is compared with. */
  readonly against: string;
  /** What the target speaks about; NaN where it could not be measured. */
  readonly figure: number;
  readonly target: Target;
  readonly isMet: boolean;
}

export interface Target {
  readonly relation: '>=' | '<=';
  readonly value: number;
  /** Of a ratio: how many times as much. Else a figure of its own. */
  readonly unit: 'x' | '';
}

export function isMet(figure: number, { relation, value }: Target): boolean {
  return relation === '>=' ? figure >= value : figure <= value;
}

export interface Match<Report> {
  readonly measured: string;
  readonly field: readonly Measured<Report>[];
  /** Whose name, among ours. */
  readonly ours: string;
  readonly read: (report: Report) => number;
  readonly better: Better;
  readonly format: (value: number) => string;
  readonly target: Target;
}

/** Ours against the best peer of each round. */
export function judgeMatch<Report>(match: Match<Report>): Verdict {
  const { measured, field, read, format, target } = match;
  const valuesOf = ({ reports }: Measured<Report>): (number | undefined)[] =>
    reports.map((report) => (report === undefined ? undefined : read(report)));
  const ours = field.find(({ name }) => name === match.ours);
  const peers = new Map(field.filter(({ isOurs }) => !isOurs).map((peer) => [peer.name, valuesOf(peer)]));
  const comparison = ours && compareRounds(valuesOf(ours), peers, match.better);
  if (comparison === undefined) return { measured, ours: '-', against: '-', figure: NaN, target, isMet: false };
  return {
    measured,
    ours: format(comparison.oursMedian),
    against: `${format(comparison.bestPeerMedian)} ${comparison.bestPeer}`,
    figure: comparison.ratio,
    target,
    isMet: isMet(comparison.ratio, target),
  };
}

/** A figure that needs nobody to compare with. */
export function judgeFigure(measured: string, ours: string, figure: number, target: Omit<Target, 'unit'>): Verdict {
  const absolute = { ...target, unit: '' } as const;
  return { measured, ours, against: '-', figure, target: absolute, isMet: isMet(figure, absolute) };
}

/** The median of a contender's rounds; NaN when all failed. */
export function medianOver<Report>({ reports }: Measured<Report>, read: (report: Report) => number): number {
  return medianOf(keepMeasured(reports.map((report) => (report === undefined ? undefined : read(report)))));
}

/** A note for each contender that failed. */
export function noteFailures(field: readonly Measured<unknown>[]): string[] {
  return field.flatMap(({ name, reports, failure }) => {
    const failed = reports.filter((report) => report === undefined).length;
    const share = `${String(failed)} of ${String(reports.length)} rounds failed`;
    return failed === 0 ? [] : [`${name}: ${share}: ${failure ?? ''}`];
  });
}

export const formatCount = (value: number): string =>
  Number.isNaN(value) ? '-' : Math.round(value).toLocaleString('en');
