/**
 * From what a search found to its report: headroom, words, and the exit code.
 *
 * @module
 */
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import type { CapacityReport } from '../model/capacity.js';
import { findHeadroom, stateCapacity, warnOfCapacity, type FoundCapacity } from './capacity-statements.js';

/**
 * Says in words what was found.
 *
 * @param remarks what else to know, such as why it ended early; one sentence each
 */
export function concludeCapacity(
  found: FoundCapacity,
  expectedPerSecond: number | undefined,
  remarks: readonly string[],
): CapacityReport {
  const headroom = findHeadroom(found, expectedPerSecond);
  return {
    ...found,
    headroom,
    statements: [...found.violations, ...stateCapacity(found, headroom)],
    warnings: [...remarks, ...warnOfCapacity(found)],
    exitCode: exitCodeOf(found),
  };
}

/** A violation before all; an interruption; and a search that came to its end without an answer. */
function exitCodeOf({ status, answer, violations }: FoundCapacity): number {
  return firstExitCode([
    violations.length > 0 ? EXIT_CODES.violation : EXIT_CODES.ok,
    status === 'interrupted' ? EXIT_CODES.interrupted : EXIT_CODES.ok,
    answer.kind !== 'unknown' || status === 'interrupted' ? EXIT_CODES.ok : EXIT_CODES.invalidRun,
  ]);
}
