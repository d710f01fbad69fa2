/**
 * One sweep of a tuning: its points run in interleaved rounds, and what each of them gave.
 *
 * @module
 */
import { overlapsOf } from '../check/safety.js';
import type { Arm, ArmRun } from '../model/comparison.js';
import { toError } from '../model/errors.js';
import type { ScheduledFault } from '../model/fault.js';
import type { RunResult } from '../model/result.js';
import { masterCount, type Scenario } from '../model/scenario.js';
import type { CountedShare, LockSettings, TunePoint } from '../model/tuning.js';
import { ArmRecord, reasonToLeaveOut } from './arm-runs.js';
import { measureArms, type RunPlace, type ScenarioArm } from './compare.js';
import { wilson } from './proportion.js';
import { PointEvidence } from './tune-evidence.js';

/** Makes one run; undefined when it was interrupted before anything was measured. */
export type RunPoint = (
  scenario: Scenario,
  place: Pick<RunPlace, 'round' | 'done' | 'total' | 'directory'> & { readonly name: string },
) => Promise<RunResult | undefined>;

export interface Sweep {
  /** Folder of its runs, relative to that of the tuning. */
  readonly folder: string;
  /** What it varies, for sentences: `per-node timeout`. */
  readonly label: string;
  readonly arms: readonly ScenarioArm[];
  readonly rounds: number;
  readonly seed: number;
  /** The masters of the fastest quorum, counted from 1. */
  readonly near: readonly number[];
  /** What is laid over the runs of a round. */
  readonly faultsOf: (round: number) => readonly ScheduledFault[];
}

/** A point with everything that is known of it. */
export interface SweptPoint {
  readonly point: TunePoint;
  /** With what the sweep varies in its name: `per-node timeout 32ms`. */
  readonly arm: Arm;
  readonly evidence: PointEvidence;
}

export interface Swept {
  /** One for each arm, in their order. Without a valid run a point is left out. */
  readonly points: readonly SweptPoint[];
  readonly isWhole: boolean;
  readonly failure: Error | undefined;
}

/** Makes the rounds and adds them up. Never rejects: what ended it early is told, with what there is. */
export async function sweep(
  { folder, label, arms, rounds, seed, near, faultsOf }: Sweep,
  run: RunPoint,
  signal: AbortSignal,
): Promise<Swept> {
  const masters = Math.max(...arms.map(({ scenario }) => masterCount(scenario)));
  const evidence = arms.map(() => new PointEvidence(masters, near));
  let hasCounted = false;
  /** Folders of the runs that stand for others, which did not count. */
  const replaced = new Map<string, string>();
  const runArm = async (scenario: Scenario, place: RunPlace): Promise<RunResult | undefined> => {
    const whole = { ...scenario, faults: faultsOf(place.round) };
    const directory = `${folder}/${place.directory}`;
    let result = await run(whole, { ...place, directory, name: place.arm.name });
    for (const { suffix, words, isLast } of REPEATS) {
      if (result === undefined || !isWorthRepeating(result) || signal.aborted || (isLast && !hasCounted)) break;
      const again = await run(whole, {
        ...place,
        directory: `${directory}${suffix}`,
        name: `${place.arm.name}, ${words}`,
      });
      if (again === undefined) break;
      result = again;
      replaced.set(place.directory, `${place.directory}${suffix}`);
    }
    if (result !== undefined && reasonToLeaveOut(result) === null) {
      hasCounted = true;
      evidence[arms.indexOf(place.arm)]?.add(result);
    }
    return result;
  };
  const plan = { title: folder, factors: [], arms, rounds, seed, remarks: [], minEffect: undefined };
  try {
    const { records, refusals, status, failure } = await measureArms(plan, runArm, signal);
    const points = arms.map((planned, place): SweptPoint => {
      // An arm that was refused has no record of its own: it is a point without runs.
      const record = records.find(({ identity }) => identity === planned) ?? new ArmRecord(planned);
      const refusal = refusals.find((text) => text.startsWith(`${planned.name} is left out: `));
      const arm = record.summarize();
      const gathered = evidence[place] ?? new PointEvidence(masters, near);
      const folderOf = (directory: string): string => `${folder}/${replaced.get(directory) ?? directory}`;
      const point = describePoint(arm, gathered, folderOf);
      return {
        point:
          refusal === undefined ? point : { ...point, leftOut: refusal.slice(`${planned.name} is left out: `.length) },
        arm: { ...arm, name: `${label} ${arm.name}` },
        evidence: gathered,
      };
    });
    return { points, isWhole: status === 'complete', failure };
  } catch (thrown) {
    return { points: [], isWhole: false, failure: toError(thrown) };
  }
}

/** What is made of a run that does not count; the last only on a machine that has made a run that counts. */
const REPEATS = [
  { suffix: '-again', words: 'once more', isLast: false },
  { suffix: '-again-2', words: 'a third time', isLast: true },
] as const;

/** A run that the generator shaped is made again; one that broke the lock is kept as it is, because that is a result. */
function isWorthRepeating(result: RunResult): boolean {
  return reasonToLeaveOut(result) !== null && result.status === 'complete' && overlapsOf(result.safety) === 0;
}

/** The settings of a lock that a scenario has. */
export function settingsOf({ nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs }: Scenario): LockSettings {
  return { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs };
}

function describePoint(arm: Arm, evidence: PointEvidence, folderOf: (directory: string) => string): TunePoint {
  const { scenario, response } = arm;
  const runs = arm.runs.filter(({ leftOut }) => leftOut === null);
  const total = (count: (run: ArmRun) => number): number => runs.reduce((sum, run) => sum + count(run), 0);
  const acquired = total((run) => run.acquired);
  const attempts = total((run) => run.attempts);
  // The clients of a closed loop still wait when a run ends: they were not refused.
  const isOpen = scenario.ratePerSecond !== undefined;
  const operations = total((run) => (isOpen ? run.intended : run.intended - run.unfinished));
  // A lock that broke in a run that does not count broke all the same.
  const contractCount = arm.runs.reduce((sum, run) => sum + run.contractCount, 0);
  return {
    settings: settingsOf(scenario),
    runs: runs.length,
    directories: arm.runs.map(({ directory }) => folderOf(directory ?? '')),
    leftOut: runs.length > 0 ? null : sayLeftOut(arm),
    safety:
      contractCount > 0 ? 'violation' : runs.some(({ safety }) => safety === 'unknown') ? 'unknown' : 'none-observed',
    contractCount,
    operations,
    success: operations === 0 ? UNKNOWN_SHARE : wilson(acquired, operations),
    p50Ns: response.p50Ns,
    p99Ns: response.p99Ns,
    attempts: acquired === 0 ? 0 : attempts / acquired,
    splitVoteShare: attempts === 0 ? 0 : total((run) => run.splitVotes) / attempts,
    failedMasterCostNs: evidence.failedMasterCostNs(),
    validityLeftP1Ms: evidence.validityMs.count === 0 ? null : evidence.validityMs.quantile(0.01),
    outlived: evidence.outlived(),
    predicted: null,
    isOnFrontier: false,
  };
}

/** A share that nothing is known of; NaN would be no JSON. */
const UNKNOWN_SHARE: CountedShare = { share: 0, low: 0, high: 1 };

function sayLeftOut({ runs }: Arm): string {
  const [first] = runs;
  if (first === undefined) return 'not run';
  return runs.length === 1
    ? (first.leftOut ?? '')
    : `none of its ${String(runs.length)} runs counts: ${first.leftOut ?? ''}`;
}
