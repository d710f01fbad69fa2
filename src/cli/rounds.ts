/**
 * What commands that make many runs say before, during and after them.
 *
 * @module
 */
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import { formatDurationMs } from '../model/time.js';
import type { ComparisonPlan, RunPlace } from '../plan/compare.js';
import { exitCodeOf, explain } from './explain.js';

/** What a run takes besides its load: starting masters and workers, draining, writing. */
const START_AND_END_MS = 1_500;

/** How long so many runs take, in whole minutes: `about 4m`. */
export function estimateTime(runs: number, loadMs: number): string {
  return `about ${formatDurationMs(Math.ceil((loadMs + runs * START_AND_END_MS) / 60_000) * 60_000)}`;
}

/** What is about to happen, and how long it takes. */
export function announceRounds(
  work: string,
  { arms, rounds, seed }: Pick<ComparisonPlan, 'arms' | 'rounds' | 'seed'>,
): string {
  const runs = arms.length * rounds;
  const loadMs = arms.reduce((sum, { scenario }) => sum + scenario.warmupMs + scenario.durationMs, 0) * rounds;
  return (
    `${work} in ${String(rounds)} round${rounds === 1 ? '' : 's'}: ${String(runs)} runs, ` +
    `${estimateTime(runs, loadMs)}; seed ${String(seed)}`
  );
}

/** What stands before the progress of a run. */
export function labelOf({ arm, done, total }: RunPlace): string {
  return `[${String(done + 1)}/${String(total)}] ${arm.name}`;
}

/** Where a run stands among all: `round 2 of 10, run 7 of 30, about 4m left`. */
export function wholeOf({ arm, round, done, total }: RunPlace, rounds: number): string {
  const runs = total - done;
  const loadMs = runs * (arm.scenario.warmupMs + arm.scenario.durationMs);
  return (
    `round ${String(round)} of ${String(rounds)}, run ${String(done + 1)} of ${String(total)}, ` +
    `${estimateTime(runs, loadMs)} left`
  );
}

/** The same of runs that differ, and of which some may not be needed: `run 7 of up to 30, about 4m left`. */
export function wholeOfAtMost(done: number, runs: number, loadMsLeft: number): string {
  const isPlanned = done < runs;
  const left = isPlanned ? `, ${estimateTime(runs - done, Math.max(0, loadMsLeft))} left` : '';
  return `run ${String(done + 1)}${isPlanned ? ` of up to ${String(runs)}` : ', one of those that are made again'}${left}`;
}

/** Whether a command was interrupted before it had measured anything, and so has nothing to write; it is said then. */
export function isNothingMeasured(runs: number, signal: AbortSignal): boolean {
  if (runs > 0 || !signal.aborted) return false;
  sayNothingMeasured();
  return true;
}

export function sayNothingMeasured(): void {
  process.stderr.write('redlock-bench: interrupted before anything was measured\n');
}

/** The exit code, after what ended the runs early is said: last, because what was measured is written by now. */
export function exitCodeAfter(exitCode: number, failure: Error | undefined, isInterrupted: boolean): number {
  if (failure !== undefined) explain(failure);
  return laterExitCode(exitCode, failure, isInterrupted);
}

/** The same without a word, for what is written down before it is said. */
export function laterExitCode(exitCode: number, failure: Error | undefined, isInterrupted: boolean): number {
  if (failure === undefined) return exitCode;
  const failed = exitCodeOf(failure);
  // It says interrupted of itself because it is not whole; where nobody interrupted it, the failure says why.
  const isCutShort = exitCode === EXIT_CODES.interrupted && !isInterrupted;
  return isCutShort ? failed : firstExitCode([exitCode, failed]);
}
