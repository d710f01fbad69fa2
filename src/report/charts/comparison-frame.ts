/**
 * The words around every chart of a comparison.
 *
 * @module
 */
import type { Comparison } from '../../model/comparison.js';
import { formatThings } from '../../model/figure-text.js';
import { describeArms, describeDesign, describeLocks, nameArm, sharedClauses } from '../comparison-words.js';
import { totalsOf } from '../arm-figures.js';
import { closedLoopNotes } from '../describe.js';
import type { Frame } from './chart.js';

/** Says arms, design, locks and what the arms share; and aloud, when a lock broke its promise. */
export function comparisonFrame(comparison: Comparison, name: string, title: string, notes: readonly string[]): Frame {
  const { arms, status } = comparison;
  const violating = arms.filter((arm) => totalsOf(arm).violatedRuns > 0);
  const by = violating.length === 1 ? violating.map(nameArm).join('') : formatThings(violating.length, 'arm');
  const shared = sharedClauses(comparison);
  return {
    name,
    title,
    alarm: violating.length === 0 ? '' : `mutual exclusion violated by ${by}`,
    scenario: [
      describeArms(comparison),
      `${describeDesign(comparison)}${status === 'complete' ? '' : `, ${status}`}`,
      `measured: ${describeLocks(comparison)}`,
      ...(shared.length > 0 ? [`all with ${shared.join(', ')}`] : []),
    ].join(' · '),
    notes,
  };
}

/** The caveat that latencies of closed loops carry. */
export function comparedLatencyNotes({ arms }: Comparison): string[] {
  return closedLoopNotes(
    arms.map((arm) => arm.scenario),
    'arm',
  );
}
