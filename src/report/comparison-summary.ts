/**
 * A comparison for the terminal: what the data say, then the figures behind it.
 *
 * @module
 */
import type { Arm, Comparison } from '../model/comparison.js';
import { formatThings } from '../model/figure-text.js';
import { armLines } from './arm-tables.js';
import {
  describeArms,
  describeDesign,
  describeLocks,
  findingsOf,
  foldFindings,
  nameArm,
  sharedClauses,
  untoldFlaws,
} from './comparison-words.js';
import { closedLoopNotes } from './describe.js';
import { effectLines } from './effect-tables.js';
import { fileLines } from './file-lines.js';
import { labelled, paint, type Style } from './style.js';

/** The summary of a comparison; its first lines are its conclusions. Ends without a line feed. */
export function renderComparisonSummary(comparison: Comparison, style: Style, files: readonly string[] = []): string {
  const notes = closedLoopNotes(
    comparison.arms.map((arm) => arm.scenario),
    'arm',
  );
  return [
    ...findingLines(comparison, style),
    ...comparison.warnings.flatMap((warning, index) =>
      labelled(index === 0 ? 'warning' : '', warning, style, 'warning'),
    ),
    ...designLines(comparison, style),
    '',
    ...effectLines(comparison, style),
    ...armLines(comparison, style),
    ...notes.map((note) => paint(style, 'faint', `(${note})`)),
    ...comparison.arms.flatMap((arm) => leftOutLines(arm, style)),
    ...fileLines(files, style),
  ].join('\n');
}

function findingLines(comparison: Comparison, style: Style): string[] {
  const findings = findingsOf(comparison);
  if (findings.length === 0) return labelled('findings', 'nothing was concluded', style);
  const { shown, folded } = foldFindings(findings);
  const more = `(${formatThings(folded.length, 'more finding')}: see the page)`;
  return [
    ...shown.flatMap(({ text, isViolation }, index) =>
      labelled(index === 0 ? 'findings' : '', text, style, isViolation ? 'bad' : 'plain'),
    ),
    ...(folded.length > 0 ? labelled('', more, style, 'faint') : []),
  ];
}

function designLines(comparison: Comparison, style: Style): string[] {
  const { status, seed } = comparison;
  const shared = sharedClauses(comparison);
  const design = [
    describeArms(comparison),
    describeDesign(comparison),
    ...(seed === null ? [] : [`seed ${String(seed)}`]),
    ...(status === 'complete' ? [] : [status]),
  ].join(' · ');
  return [
    ...labelled('design', design, style, status === 'complete' ? 'plain' : 'warning'),
    ...labelled('locks', describeLocks(comparison), style),
    ...(shared.length > 0 ? labelled('all with', shared.join(', '), style) : []),
    ...untoldFlaws(comparison).flatMap((flaw, index) => labelled(index === 0 ? 'flaws' : '', flaw, style, 'warning')),
  ];
}

function leftOutLines(arm: Arm, style: Style): string[] {
  return arm.runs.flatMap((run, index) => {
    if (run.leftOut === null) return [];
    const which = run.round === null ? `run ${String(index + 1)}` : `round ${String(run.round)}`;
    return labelled('left out', `${nameArm(arm)}, ${which}: ${run.leftOut}`, style, 'warning');
  });
}
