/**
 * `compare`: runs every arm once a round, in an order drawn anew for each, and judges the differences.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import { toError, UnsupportedError } from '../model/errors.js';
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
  /** What is known before the first run, such as arms that cannot do what is asked. One sentence each. */
  readonly remarks: readonly string[];
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

/** What came of it; `failure` is what ended it early, and the comparison is of what had been measured by then. */
export interface ComparedArms {
  readonly comparison: Comparison;
  readonly failure: Error | undefined;
}

/**
 * Runs the rounds and judges them. When it is aborted or fails, what there is is judged; a round that was not finished
 * pairs only the arms that ran.
 *
 * @throws what `runArm` throws before anything was measured
 */
export async function compareArms(plan: ComparisonPlan, runArm: RunArm, signal: AbortSignal): Promise<ComparedArms> {
  const { records, refusals, failure, ...made } = await measureArms(plan, runArm, signal);
  const comparison = conclude({
    title: plan.title,
    ...made,
    design: 'interleaved',
    seed: plan.seed,
    rounds: plan.rounds,
    factors: plan.factors.map(({ name, levels, isCondition }) => ({
      name,
      isCondition,
      levels: levels.map(({ label }) => label),
    })),
    records,
    contrasts: planContrasts(
      plan.factors,
      records.map((record) => record.identity),
    ),
    judge: judgePairs,
    minEffect: plan.minEffect,
    remarks: [...plan.remarks, ...refusals, ...(failure === undefined ? [] : [`it ended early: ${failure.message}`])],
  });
  return { comparison, failure };
}

/** Rounds that were made, whole or not, and nothing judged yet. */
export interface MeasuredArms extends Pick<Comparison, 'startedAt' | 'status'> {
  /** Of the arms that ran. */
  readonly records: readonly ArmRecord[];
  /** Why others did not, one sentence each. */
  readonly refusals: readonly string[];
  readonly failure: Error | undefined;
}

/**
 * Makes the rounds. When it is aborted or fails, it gives what there is.
 *
 * @throws what `runArm` throws before anything was measured
 */
export async function measureArms(plan: ComparisonPlan, runArm: RunArm, signal: AbortSignal): Promise<MeasuredArms> {
  const startedAt = new Date(wallClockMs()).toISOString();
  const tour = new Rounds(plan, runArm, signal);
  let failure: Error | undefined;
  try {
    await tour.run();
  } catch (thrown) {
    if (!tour.hasMeasured) throw thrown;
    failure = toError(thrown);
  }
  const { records, refusals } = tour;
  return { startedAt, status: tour.isWhole ? 'complete' : 'interrupted', records, refusals, failure };
}

/** The rounds while they are made. */
class Rounds {
  readonly #plan: ComparisonPlan;
  readonly #runArm: RunArm;
  readonly #signal: AbortSignal;
  readonly #records: readonly ArmRecord[];
  /** Why an arm cannot do what is asked, by its place. */
  readonly #refusals = new Map<number, string>();
  #done = 0;

  constructor(plan: ComparisonPlan, runArm: RunArm, signal: AbortSignal) {
    this.#plan = plan;
    this.#runArm = runArm;
    this.#signal = signal;
    this.#records = plan.arms.map((arm) => new ArmRecord(arm));
  }

  /** The arms that ran. */
  get records(): ArmRecord[] {
    return this.#records.filter((_, place) => !this.#refusals.has(place));
  }

  get refusals(): string[] {
    return [...this.#refusals.values()];
  }

  get hasMeasured(): boolean {
    return this.#records.some((record) => record.runs.length > 0);
  }

  /** Whether every arm that could run did so in every round. */
  get isWhole(): boolean {
    return this.records.every((record) => record.runs.length === this.#plan.rounds);
  }

  async run(): Promise<void> {
    const { arms, rounds, seed } = this.#plan;
    for (const [index, order] of drawRounds(arms.length, rounds, seed).entries()) {
      for (const place of order) {
        const arm = arms[place];
        if (arm === undefined || this.#signal.aborted || this.#refusals.has(place)) continue;
        await this.#runOnce(arm, place, index + 1);
      }
    }
  }

  async #runOnce(arm: ScenarioArm, place: number, round: number): Promise<void> {
    const { arms, rounds, seed } = this.#plan;
    const directory = `runs/round-${String(round).padStart(2, '0')}/${String(place + 1)}-${slugOf(arm.name)}`;
    const total = (arms.length - this.#refusals.size) * rounds;
    const scenario = { ...arm.scenario, seed: seedOfRound(seed, round) };
    try {
      const result = await this.#runArm(scenario, { arm, round, done: this.#done, total, directory });
      if (result !== undefined) this.#records[place]?.add({ round, directory, result });
      this.#done++;
    } catch (thrown) {
      // What some locks can do is known only when they have started: such an arm is left out, not all.
      if (!(thrown instanceof UnsupportedError) || round > 1 || this.#refusals.size + 1 === arms.length) throw thrown;
      this.#refusals.set(place, `${arm.name} is left out: ${thrown.problems.join('; ')}`);
    }
  }
}

/** A name as the end of a folder's: what no file system minds. */
function slugOf(name: string): string {
  return name
    .replaceAll(/[^A-Za-z0-9.=@]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, MOST_SLUG_CHARACTERS);
}

const MOST_SLUG_CHARACTERS = 80;
