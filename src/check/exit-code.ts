/**
 * Exit codes: what a script learns from a command without reading its output.
 *
 * @module
 */
import type { Health, RunResult, Safety, ThresholdResult } from '../model/result.js';

export const EXIT_CODES = {
  ok: 0,
  internalError: 1,
  usage: 2,
  violation: 3,
  safetyUnknown: 4,
  invalidRun: 96,
  inconclusive: 97,
  regression: 98,
  thresholdCrossed: 99,
  interrupted: 130,
} as const;

/** Where several exit codes hold, the first of these is given. */
const PRECEDENCE: readonly number[] = [
  EXIT_CODES.violation,
  EXIT_CODES.safetyUnknown,
  EXIT_CODES.interrupted,
  EXIT_CODES.invalidRun,
  EXIT_CODES.regression,
  EXIT_CODES.thresholdCrossed,
  EXIT_CODES.inconclusive,
];

/** The exit code of a command that made several runs. */
export function firstExitCode(codes: readonly number[]): number {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? Math.max(EXIT_CODES.ok, ...codes);
}

/** The exit code of one run. */
export function runExitCode(run: {
  readonly status: RunResult['status'];
  readonly health: Pick<Health, 'verdict'>;
  readonly safety: Pick<Safety, 'verdict'>;
  readonly thresholds: readonly ThresholdResult[];
}): number {
  return firstExitCode([
    run.safety.verdict === 'violation' ? EXIT_CODES.violation : EXIT_CODES.ok,
    run.status === 'interrupted' ? EXIT_CODES.interrupted : EXIT_CODES.ok,
    run.status === 'crashed' ? EXIT_CODES.internalError : EXIT_CODES.ok,
    run.health.verdict === 'invalid' ? EXIT_CODES.invalidRun : EXIT_CODES.ok,
    run.thresholds.every((threshold) => threshold.passed) ? EXIT_CODES.ok : EXIT_CODES.thresholdCrossed,
  ]);
}
