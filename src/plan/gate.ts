/**
 * `gate`: two builds interleaved, or one against stored runs, and the decision whether locking became slower.
 *
 * @module
 */
import type { Arm, Comparison } from '../model/comparison.js';
import { UsageError } from '../model/errors.js';
import { GATE_SCHEMA_VERSION, type Calibration, type GateReport, type GateSide } from '../model/gate.js';
import { describeHost } from '../model/host.js';
import { nameLock } from '../model/measured-lock.js';
import type { Environment, RunResult, ThresholdResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { nsToS, systemClock } from '../model/time.js';
import { reasonToLeaveOut } from './arm-runs.js';
import { measureArms, type ComparisonPlan, type MeasuredArms, type RunArm, type ScenarioArm } from './compare.js';
import { conclude, isOpenLoop, type JudgedArm } from './conclusion.js';
import { BASE, decideGate, HEAD } from './gate-decision.js';
import { fitCalibration, type FittedCalibration } from './gate-calibration.js';
import { stateGate, warnOfGate } from './gate-statements.js';
import { gateThresholds } from './gate-thresholds.js';
import { judgePairs, judgeStored } from './judge.js';
import { findLoadDifferences } from './load-differences.js';
import { describeOtherMachine } from './machine.js';
import { stateViolations } from './statements.js';

/** A side before it ran; of a command the scenario is not known yet, and is that of the flags. */
export interface PlannedSide extends Pick<GateSide, 'kind' | 'text'> {
  readonly scenario: Scenario;
}

/** Stored runs that the head is held against. */
export interface Baseline {
  readonly arm: Arm;
  readonly tool: string | null;
  /** Null where the file does not say on which machine it was made. */
  readonly environment: Environment | null;
}

export interface GatePlan extends Pick<ComparisonPlan, 'title' | 'rounds' | 'seed' | 'remarks'> {
  readonly base: PlannedSide;
  readonly head: PlannedSide;
  /** Fields of the scenario in which the sides are meant to differ, because the user said so. */
  readonly meantToDiffer: ReadonlySet<string>;
  readonly baseline: Baseline | undefined;
  /** The user's smallest difference that matters, as a share. */
  readonly minEffect: number | undefined;
  readonly calibration: { readonly file: string; readonly calibration: Calibration } | undefined;
  readonly isStrict: boolean;
  readonly commit: string | null;
}

/** What came of it; `failure` is what ended it early, and the report is of what had been measured by then. */
export interface Gated {
  readonly report: GateReport;
  readonly failure: Error | undefined;
}

/**
 * Runs both sides, or the head alone where there are stored runs to hold it against, and decides.
 *
 * @throws what `runArm` throws before anything was measured; UsageError when the stored runs are of another load, or when
 *   the first command prints one of them
 */
export async function gateArms(plan: GatePlan, runArm: RunArm, signal: AbortSignal): Promise<Gated> {
  const { baseline } = plan;
  const sides = new SidesSeen(plan);
  if (baseline !== undefined && plan.head.kind !== 'command') {
    const wrong = describeOtherLoad(findLoadDifferences(baseline.arm.scenario, plan.head.scenario, plan.meantToDiffer));
    if (wrong !== undefined) throw wrong;
  }
  const startNs = systemClock.nowNs();
  const measured = await measureArms(
    planRounds(plan),
    async (scenario, place) => {
      // After the first run of each side, which is kept, and before the next one, which would be in vain.
      const wrong = sides.findOtherLoad();
      if (wrong !== undefined) throw wrong;
      const result = await runArm(scenario, place);
      if (result !== undefined) sides.see(place.arm.name, result);
      return result;
    },
    signal,
  );
  const failure = measured.failure ?? sides.findOtherLoad();
  const tookSeconds = nsToS(systemClock.nowNs() - startNs);
  const status = failure === undefined ? measured.status : 'interrupted';
  return { report: report(plan, { ...measured, status, failure }, sides, tookSeconds), failure };
}

function planRounds({ title, base, head, baseline, rounds, seed, remarks }: GatePlan): ComparisonPlan {
  const arm = (name: string, { scenario }: PlannedSide): ScenarioArm => ({ name, levels: { side: name }, scenario });
  const arms = [...(baseline === undefined ? [arm(BASE, base)] : []), arm(HEAD, head)];
  const levels = [BASE, HEAD].map((label) => ({ label, input: {} }));
  return {
    title,
    factors: [{ name: 'side', levels, isCondition: false }],
    arms,
    rounds,
    seed,
    remarks,
    minEffect: undefined,
  };
}

function report(plan: GatePlan, measured: MeasuredArms, sides: SidesSeen, tookSeconds: number): GateReport {
  const { title, baseline, isStrict, rounds, seed, commit } = plan;
  const head = sides.first(HEAD);
  const environment = head?.environment ?? sides.first(BASE)?.environment ?? describeHost();
  const scenario = head?.scenario ?? plan.head.scenario;
  const fitted = fitCalibration(plan, { scenario, environment, isOpenLoop: isOpenLoop({ scenario }) });
  const concluded = conclude({
    title,
    startedAt: measured.startedAt,
    status: measured.status,
    ...(baseline === undefined
      ? { design: 'interleaved', seed, rounds, records: measured.records, judge: judgePairs }
      : { design: 'stored', seed, rounds: 0, records: [storedArm(baseline), ...measured.records], judge: judgeStored }),
    factors: [{ name: 'side', levels: [BASE, HEAD], isCondition: false }],
    contrasts: [{ factor: 'side', arm: 1, baseline: 0 }],
    minEffect: fitted.minEffect,
    remarks: remarksOf(plan, measured, fitted, environment),
  });
  const { comparison, earlier } = withoutEarlierViolations(concluded);
  const thresholds = gateThresholds(plan.head.scenario.thresholds, sides.judged);
  const coresOfBase = (baseline ?? sides.first(BASE))?.environment?.cores ?? null;
  const decision = decideGate(comparison, {
    isStrict,
    cores: { base: coresOfBase, head: head?.environment.cores ?? null },
    minEffectFrom: fitted.from,
    thresholds,
  });
  return {
    schemaVersion: GATE_SCHEMA_VERSION,
    kind: 'gate',
    title,
    startedAt: measured.startedAt,
    outcome: decision.outcome,
    isStrict,
    base: sides.describe(BASE),
    head: sides.describe(HEAD),
    calibration: fitted.used,
    environment,
    commit,
    comparison,
    metrics: decision.metrics,
    thresholds,
    plannedRounds: rounds,
    tookSeconds,
    statements: stateGate(comparison, decision),
    warnings: [...earlier, ...warnOfGate(comparison, decision.metrics), ...comparison.warnings],
    exitCode: decision.exitCode,
  };
}

/** What once broke in stored runs is a warning, and no finding of this gate. */
function withoutEarlierViolations(comparison: Comparison): { comparison: Comparison; earlier: readonly string[] } {
  const { design, arms, violations, statements } = comparison;
  if (design !== 'stored') return { comparison, earlier: [] };
  const earlier = stateViolations(arms.filter(({ name }) => name !== HEAD));
  const isNew = (text: string): boolean => !earlier.includes(text);
  return {
    comparison: { ...comparison, violations: violations.filter(isNew), statements: statements.filter(isNew) },
    earlier: earlier.map((text) => `of the stored runs: ${text}`),
  };
}

function remarksOf(
  { remarks, baseline }: GatePlan,
  { failure }: MeasuredArms,
  fitted: FittedCalibration,
  environment: Environment,
): string[] {
  return [
    ...remarks,
    ...fitted.remarks,
    ...(baseline === undefined ? [] : remarkOnBaseline(baseline, environment)),
    ...(failure === undefined ? [] : [`it ended early: ${failure.message}`]),
  ];
}

function remarkOnBaseline({ environment }: Baseline, now: Environment): string[] {
  if (environment === null) return ['the baseline does not say on which machine it was measured'];
  const differing = describeOtherMachine(environment, now);
  return differing === undefined ? [] : [`the baseline was measured on another machine: ${differing}`];
}

/** Stored runs in the place of an arm's record. */
function storedArm({ arm }: Baseline): JudgedArm {
  const base: Arm = {
    ...arm,
    name: BASE,
    levels: { side: BASE },
    // Their folders lie elsewhere, and their rounds pair them with nothing here.
    runs: arm.runs.map((run) => ({ ...run, round: null, directory: null })),
  };
  return { identity: base, services: [], summarize: () => base };
}

function describeOtherLoad(differences: readonly string[]): UsageError | undefined {
  if (differences.length === 0) return undefined;
  return new UsageError([
    `gate: expected base and head to measure the same load, got ${differences.join(', ')}; ` +
      'give both the same scenario and flags, or name the difference in --base or --head as settings',
  ]);
}

/** What each side was, as its first run tells. */
class SidesSeen {
  readonly #plan: GatePlan;
  readonly #first = new Map<string, Pick<RunResult, 'environment' | 'lock' | 'scenario'>>();
  readonly #runIds: Set<string>;
  /** What the runs of head that are in say of its thresholds. */
  readonly judged: (readonly ThresholdResult[])[] = [];

  constructor(plan: GatePlan) {
    this.#plan = plan;
    this.#runIds = new Set(plan.baseline?.arm.runs.map(({ runId }) => runId));
  }

  /** @throws UsageError when this run was seen before: one run twice would be two that agree by themselves */
  see(name: string, result: RunResult): void {
    const { runId, environment, lock, scenario } = result;
    if (this.#runIds.has(runId)) {
      throw new UsageError([
        `gate: expected a new run of ${name} in every round, got ${runId} again; a side must measure anew each time, ` +
          'and stored runs are given with --baseline',
      ]);
    }
    this.#runIds.add(runId);
    if (!this.#first.has(name)) this.#first.set(name, { environment, lock, scenario });
    if (name === HEAD && reasonToLeaveOut(result) === null) this.judged.push(result.thresholds);
  }

  first(name: string): Pick<RunResult, 'environment' | 'lock' | 'scenario'> | undefined {
    return this.#first.get(name);
  }

  /** What is wrong when the sides did not measure the same load; undefined when they did, or have not run yet. */
  findOtherLoad(): UsageError | undefined {
    const base = this.#plan.baseline?.arm.scenario ?? this.#first.get(BASE)?.scenario;
    const head = this.#first.get(HEAD)?.scenario;
    if (base === undefined || head === undefined) return undefined;
    return describeOtherLoad(findLoadDifferences(base, head, this.#plan.meantToDiffer));
  }

  describe(name: typeof BASE | typeof HEAD): GateSide {
    const { kind, text } = this.#plan[name];
    const { baseline } = this.#plan;
    if (name === BASE && baseline !== undefined) return { kind, text, tool: baseline.tool, lock: baseline.arm.lock };
    const seen = this.#first.get(name);
    return {
      kind,
      text,
      tool: seen?.environment.tool.version ?? null,
      lock: seen === undefined ? null : nameLock(seen.lock),
    };
  }
}
