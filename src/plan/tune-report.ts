/**
 * What a tuning says in the end, or where it was cut off: pure, over what its stages measured.
 *
 * @module
 */
import { EXIT_CODES, firstExitCode } from '../check/exit-code.js';
import {
  TUNING_SCHEMA_VERSION,
  type Availability,
  type Confirmation,
  type LockSettings,
  type StageName,
  type TunedNetwork,
  type TunePoint,
  type TuneStage,
  type TuningReport,
} from '../model/tuning.js';
import { stateViolations } from './statements.js';
import { isSameWait } from './tune-grid.js';
import type { TuningPlan } from './tune-plan.js';
import { isBroken } from './tune-point.js';
import { settingsOf, type SweptPoint } from './tune-sweep.js';
import { explainAvailability, sayFlags, sayUnmeasured, sayWithdrawn, stateTuning } from './tune-words.js';

/** What the stages came to. */
export interface TuningProgress {
  readonly network: TunedNetwork;
  /** The first look at masters whose round trips nobody stated. */
  readonly pilot: readonly SweptPoint[];
  /** Of all stages, without the first look. */
  readonly swept: readonly SweptPoint[];
  readonly stages: readonly TuneStage[];
  /** As the stages left them. */
  readonly settings: LockSettings;
  /** Those whose setting can be stated: recommended, or kept with reason. */
  readonly tuned: ReadonlySet<StageName>;
  readonly availability: Availability | null;
  readonly confirmation: Confirmation | null;
  /** Whether the recommendation had runs of its own, whatever they showed. */
  readonly isRunAgain: boolean;
  /** Whether nothing cut it off. */
  readonly isWhole: boolean;
  readonly failure: Error | undefined;
}

/** Judges what there is. */
export function reportTuning(plan: TuningPlan, startedAt: string, progress: TuningProgress): TuningReport {
  const { title, seed, targetSuccess, base } = plan;
  const { network, pilot, swept, confirmation, isWhole } = progress;
  const arms = [...pilot, ...swept].map(({ arm }) => arm);
  const lock = arms.find(({ runs }) => runs.length > 0) ?? arms[0];
  const recommendation = recommend(progress);
  const flags = recommendation === null ? null : sayFlags(recommendation);
  const stages = isWithdrawn(progress) ? progress.stages.map(withdraw) : progress.stages;
  const unmeasured = isWhole ? [] : sayUnmeasured(listMissing(progress));
  const availability = recommendation === null ? null : progress.availability;
  const told = availability === null ? [] : explainAvailability(availability, network);
  const violations = stateViolations(arms);
  const counted = swept.filter(({ point }) => point.leftOut === null);
  return {
    schemaVersion: TUNING_SCHEMA_VERSION,
    kind: 'tuning',
    title,
    startedAt,
    status: isWhole ? 'complete' : 'interrupted',
    seed,
    // The first run has the first point's settings; what is set now stands in the plan.
    scenario: { ...(lock?.scenario ?? base), ...settingsOf(base) },
    lock: lock?.lock ?? base.lock,
    isUnsafe: lock?.isUnsafe ?? false,
    flaw: lock?.flaw ?? null,
    network,
    targetSuccess,
    stages,
    recommendation,
    flags,
    availability,
    confirmation,
    violations,
    statements: [...violations, ...stateTuning(stages, told, flags, confirmation?.sentences ?? []), ...unmeasured],
    warnings: warningsOf(
      progress,
      lock?.isUnsafe === true ? [`${base.lock} is unsafe: ${lock.flaw ?? 'see redlock-bench locks'}`] : [],
    ),
    exitCode: firstExitCode([
      violations.length > 0 ? EXIT_CODES.violation : EXIT_CODES.ok,
      isWhole ? EXIT_CODES.ok : EXIT_CODES.interrupted,
      counted.length === 0 ? EXIT_CODES.invalidRun : EXIT_CODES.ok,
    ]),
  };
}

/** What was tuned, and nothing that the lock broke with. */
function recommend(progress: TuningProgress): Partial<LockSettings> | null {
  const { tuned, settings } = progress;
  const { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs } = settings;
  if (!tuned.has('node-timeout') || isWithdrawn(progress)) return null;
  return {
    nodeTimeoutMs,
    ...(tuned.has('ttl') ? { ttlMs } : {}),
    ...(tuned.has('retry') ? { retryDelayMs, retryJitterMs } : {}),
  };
}

/** Whether the lock broke with the settings of the recommendation, or with a longer ttl, which is no reason for it to break. */
function isWithdrawn({ settings, swept }: TuningProgress): boolean {
  const isSame = (point: TunePoint): boolean =>
    point.settings.nodeTimeoutMs === settings.nodeTimeoutMs &&
    point.settings.ttlMs >= settings.ttlMs &&
    isSameWait(point.settings, settings);
  return swept.some(({ point }) => isBroken(point) && isSame(point));
}

/** A stage whose recommendation the lock broke with afterwards. */
function withdraw(stage: TuneStage): TuneStage {
  const because = stage.recommended === null ? stage.because : [sayWithdrawn(stage.label)];
  return { ...stage, recommended: null, because };
}

/** What a tuning that ended early did not come to. */
function listMissing({ stages, isRunAgain }: TuningProgress): string[] {
  const made = new Set(stages.map(({ name }) => name));
  return [
    ...(made.has('retry') ? [] : ['the wait before a retry']),
    ...(made.has('ttl') ? [] : ['the ttl']),
    ...(isRunAgain ? [] : ['the recommendation in runs of its own']),
  ];
}

function warningsOf({ swept, failure }: TuningProgress, flaws: readonly string[]): string[] {
  const unproven = swept.reduce((sum, { evidence }) => sum + evidence.unprovenFaults, 0);
  return [
    ...flaws,
    ...swept.flatMap(({ point, arm }) => {
      const left = arm.runs.filter(({ leftOut }) => leftOut !== null).length;
      if (point.leftOut !== null) return [`${arm.name} is left out: ${point.leftOut}`];
      return left === 0 ? [] : [`${arm.name}: ${String(left)} of ${String(arm.runs.length)} runs are left out`];
    }),
    ...(unproven === 0 ? [] : [`${String(unproven)} of the faults were not proven to have had an effect`]),
    ...(failure === undefined ? [] : [`it ended early: ${failure.message}`]),
  ];
}
