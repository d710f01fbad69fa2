/**
 * `compare`: runs every arm once a round, in an order drawn anew for each, and judges the differences.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import { UsageError } from '../model/errors.js';
import type { RunResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { wallClockMs } from '../model/time.js';
import { ArmRecord } from './arm-runs.js';
import { conclude } from './conclusion.js';
import { drawRounds, planContrasts, seedOfRound, type PlannedFactor } from './design.js';
import { judgePairs } from './judge.js';

/** An arm with its whole scenario; the seed of each round is laid over it. */
export interface ScenarioArm {
  readonly name: string;
  readonly levels: Readonly<Record<string, string>>;
  readonly scenario: Scenario;
}

export interface ComparisonPlan {
  readonly title: string;
  readonly factors: readonly PlannedFactor[];
  readonly arms: readonly ScenarioArm[];
  readonly rounds: number;
  readonly seed: number;
  /** The smallest difference that matters, as a share, for all metrics instead of their own. */
  readonly minEffect: number | undefined;
}

/** Where a run stands in the comparison. */
export interface RunPlace {
  readonly arm: ScenarioArm;
  /** From 1. */
  readonly round: number;
  /** Runs that came before it, of how many. */
  readonly done: number;
  readonly total: number;
  /** Folder of the run, relative to that of the comparison. */
  readonly directory: string;
}

/** Makes one run; undefined when it was interrupted before anything was measured. */
export type RunArm = (scenario: Scenario, place: RunPlace) => Promise<RunResult | undefined>;

/**
 * Runs the rounds and judges them. When it is aborted, what there is is judged; a round that was not finished pairs
 * only the arms that ran.
 *
 * @throws UsageError when no arm can do what is asked; whatever `runArm` throws for another reason
 */
export async function compareArms(plan: ComparisonPlan, runArm: RunArm, signal: AbortSignal): Promise<Comparison> {
  const startedAt = new Date(wallClockMs()).toISOString();
  const records = plan.arms.map((arm) => new ArmRecord(arm));
  const refusals = new Map<number, string>();
  let done = 0;
  for (const [index, order] of drawRounds(plan.arms.length, plan.rounds, plan.seed).entries()) {
    for (const place of order) {
      const arm = plan.arms[place];
      if (arm === undefined || signal.aborted || refusals.has(place)) continue;
      const round = index + 1;
      const directory = `runs/round-${String(round).padStart(2, '0')}/${slugOf(arm.name)}`;
      const scenario = { ...arm.scenario, seed: seedOfRound(plan.seed, round) };
      const total = (plan.arms.length - refusals.size) * plan.rounds;
      try {
        const result = await runArm(scenario, { arm, round, done, total, directory });
        if (result !== undefined) records[place]?.add({ round, directory, result });
      } catch (thrown) {
        // What a driver in another language can do is known only when it has started: its arm is left out, not all.
        if (!(thrown instanceof UsageError) || round > 1 || refusals.size + 1 === plan.arms.length) throw thrown;
        refusals.set(place, `${arm.name} is left out: ${thrown.problems.join('; ')}`);
        continue;
      }
      done++;
    }
  }
  const ran = records.filter((_, place) => !refusals.has(place));
  return conclude({
    title: plan.title,
    startedAt,
    status: signal.aborted ? 'interrupted' : 'complete',
    design: 'interleaved',
    seed: plan.seed,
    rounds: plan.rounds,
    factors: plan.factors.map(({ name, levels, isCondition }) => ({
      name,
      isCondition,
      levels: levels.map(({ label }) => label),
    })),
    records: ran,
    contrasts: planContrasts(
      plan.factors,
      ran.map((record) => record.identity),
    ),
    judge: judgePairs,
    minEffect: plan.minEffect,
    refusals: [...refusals.values()],
  });
}

/** A name as a folder: what no file system minds. */
function slugOf(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9.=@]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, MOST_SLUG_CHARACTERS);
}

const MOST_SLUG_CHARACTERS = 80;
