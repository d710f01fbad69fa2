/**
 * What a report says first: broken promises, what was found, what to know before believing it.
 *
 * @module
 */
import { findingsOf, type Finding } from './comparison-words.js';
import { labelled, type Style } from './style.js';

/** What says so. */
export interface Told {
  readonly violations: readonly string[];
  readonly statements: readonly string[];
  readonly warnings: readonly string[];
  readonly isUnsafe: boolean;
  readonly flaw: string | null;
  readonly lock: string;
}

/** Every sentence that was found, a broken promise before everything. */
export function toldFindings({ statements, violations }: Told): Finding[] {
  const findings = findingsOf({ statements: [...new Set([...violations, ...statements])], violations });
  return [...findings.filter((each) => each.isViolation), ...findings.filter((each) => !each.isViolation)];
}

/** The warnings, and what is known to be wrong with the lock where none of them says so. */
export function toldWarnings({ warnings, isUnsafe, flaw, lock }: Told): string[] {
  const isTold = !isUnsafe || (flaw !== null && warnings.some((warning) => warning.includes(flaw)));
  return [...(isTold ? [] : [`${lock} is an unsafe lock: ${flaw ?? 'nobody said why'}`]), ...warnings];
}

/** These sentences for the terminal. */
export function findingLines(told: Told, style: Style): string[] {
  const findings = toldFindings(told).flatMap(({ text, isViolation }, index) =>
    labelled(index === 0 ? 'findings' : '', text, style, isViolation ? 'bad' : 'plain'),
  );
  const warnings = toldWarnings(told).flatMap((text, index) =>
    labelled(index === 0 ? 'warning' : '', text, style, 'warning'),
  );
  return [...findings, ...warnings];
}
