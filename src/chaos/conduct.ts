/**
 * Conducts one trial: opens the stage, lets the experiment play, and judges what was seen.
 *
 * @module
 */
import { judgeExperiment, type Expectation, type Observation } from '../check/experiment-verdict.js';
import { judgeOperations, type JudgedOperations } from '../check/judge-operations.js';
import type { ChaosEvidence, ExperimentResult, TimelineSpan } from '../model/chaos.js';
import { toError } from '../model/errors.js';
import type { FaultReceipt } from '../model/fault.js';
import type { Operation } from '../model/operation.js';
import { nsToMs, systemClock, type Ns } from '../model/time.js';
import type { ServerHost } from '../servers/server-host.js';
import { openCast, type Cast } from './cast.js';
import type { Terms } from './experiment.js';
import type { ResourceReport } from './resource.js';
import { describeFailure, LiveStage } from './stage.js';
import type { Trial } from './trials.js';

export interface ConductOptions {
  readonly trial: Trial;
  readonly terms: Terms;
  /** What is locked, and by which name it stands on the masters. */
  readonly resource: string;
  readonly key: string;
  readonly seed: number;
  readonly historyFolder: string | undefined;
  /** The command that repeats it. */
  readonly repeat: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** Acquisitions that a timeline keeps: the last ones, where the faults are. */
const MOST_SPANS = 200;

/** Conducts the trial. Rejects only when it is aborted: what fails is in the result, as a doubt. */
export async function conduct(host: ServerHost, options: ConductOptions): Promise<ExperimentResult> {
  const { trial, terms, signal } = options;
  const startNs = systemClock.nowNs();
  const excluded = trial.experiment.excludes(terms);
  if (excluded !== undefined) return describe(options, startNs, NOTHING, { verdict: 'not-run', reasons: [excluded] });
  let cast: Cast;
  try {
    cast = await openCast(host, options);
  } catch (thrown) {
    signal.throwIfAborted();
    const reasons = [`the stage could not be set: ${toError(thrown).message}`];
    return describe(options, startNs, NOTHING, { verdict: 'unknown', reasons });
  }
  try {
    return await playOn(cast, options, startNs);
  } finally {
    await cast[Symbol.asyncDispose]();
  }
}

async function playOn(cast: Cast, options: ConductOptions, startNs: Ns): Promise<ExperimentResult> {
  const { trial, terms, signal } = options;
  const epochNs = systemClock.nowNs();
  const { ttlMs, clients } = trial.experiment;
  const stage = new LiveStage({ cast, ttlMs, clients, epochNs, ...options });
  try {
    await trial.experiment.play(stage);
  } catch (thrown) {
    signal.throwIfAborted();
    stage.doubt(describeFailure(thrown, epochNs));
  }
  const receipts = await stage.end();
  const seen = await gather(cast, stage);
  const judged = judgeOperations(seen.operations, ttlMs, epochNs);
  const observation: Observation = {
    variant: terms.variant,
    evidence: describeEvidence(judged, seen.report, stage),
    receipts,
    outages: stage.outages,
    doubts: [...stage.doubts, ...seen.doubts, ...crossCheck(judged, seen.report)],
  };
  const expectation = trial.expectation ?? expectationOf(trial, terms);
  const notRun = receipts.find(({ status }) => status === 'not-run');
  const outcome =
    notRun === undefined
      ? judgeExperiment(observation, expectation)
      : { observed: [], verdict: 'not-run' as const, reasons: [`${notRun.fault}: ${notRun.proof}`] };
  return {
    ...describe(options, startNs, observation, outcome),
    expected: expectation.findings,
    allowed: expectation.allowed,
    timeline: describeTimeline(seen.operations, judged, cast, epochNs),
  };
}

/** Whoever does not look at the clock may be late in any experiment in which answers come late. */
function expectationOf({ experiment }: Trial, terms: Terms): Expectation {
  const expectation = experiment.expect(terms);
  if (terms.traits.checksElapsed || experiment.id === 'F0') return expectation;
  return {
    ...expectation,
    allowed: [...expectation.allowed, 'granted-expired', 'belief', 'corruption', 'rejected', 'liveness'],
    reason: `${expectation.reason}; it does not look at its clock, so a grant may come when its time is over`,
  };
}

interface Gathered {
  readonly operations: readonly Operation[];
  readonly report: ResourceReport | undefined;
  readonly doubts: readonly string[];
}

/** What the contenders and the resource can tell; who cannot any more leaves a doubt. */
async function gather(cast: Cast, stage: LiveStage): Promise<Gathered> {
  const doubts: string[] = [];
  const ask = async <T>(what: string, question: Promise<T>): Promise<T | undefined> => {
    try {
      return await question;
    } catch (thrown) {
      doubts.push(`${what}: expected its account, got ${toError(thrown).message}`);
      return undefined;
    }
  };
  const told = await Promise.all(cast.contenders.map((contender) => ask(contender.name, contender.operations())));
  const report = await ask('the guarded resource', cast.resource.report());
  const nowNs = systemClock.nowNs();
  const operations = told.flatMap((one) => one ?? []).map((operation) => closeAt(operation, nowNs));
  if (operations.length === 0 && stage.outages.length === 0) doubts.push('no client has told of an acquisition');
  return { operations, report, doubts };
}

/** A hold that never ended lasts until now. */
function closeAt(operation: Operation, nowNs: Ns): Operation {
  if (operation.status !== 'acquired' || operation.releaseInvokedNs !== undefined) return operation;
  return { ...operation, releaseInvokedNs: nowNs, leftNs: nowNs };
}

/** Witness and intervals must bear each other out. */
function crossCheck({ findings }: JudgedOperations, report: ResourceReport | undefined): string[] {
  if (report === undefined) return [];
  const witnessed = report.witness.overlaps.length;
  const { contractCount, overruns, innerOverlaps = 0, unchecked } = findings;
  const doubts: string[] = [];
  if (witnessed > 0 && contractCount + overruns === 0) {
    doubts.push(`the detectors disagree: the witness saw ${String(witnessed)} overlaps, and no intervals overlap`);
  }
  if (witnessed === 0 && innerOverlaps > 0) {
    doubts.push(`the detectors disagree: ${String(innerOverlaps)} intervals overlap, and the witness saw nothing`);
  }
  if (unchecked > 0) doubts.push(`${String(unchecked)} holds could not be compared`);
  return doubts;
}

function describeEvidence(
  { findings }: JudgedOperations,
  report: ResourceReport | undefined,
  { margins, recoveryMs }: LiveStage,
): ChaosEvidence {
  const { holds, contractCount: contract, grantedExpired, overruns } = findings;
  const { touches, lostUpdates, fencedLostUpdates, rejected } = report?.ledger ?? NOTHING.evidence.ledger;
  return {
    intervals: { holds, contract, grantedExpired, overruns },
    witness: { entered: report?.witness.entered ?? 0, overlaps: report?.witness.overlaps.length ?? 0 },
    ledger: { touches, lostUpdates, fencedLostUpdates, rejected },
    margins,
    recoveryMs,
  };
}

function describeTimeline(
  operations: readonly Operation[],
  { overlapOf }: JudgedOperations,
  cast: Cast,
  epochNs: Ns,
): TimelineSpan[] {
  const spans = operations.map((operation, index): TimelineSpan => {
    const isHeld = operation.status === 'acquired';
    const heldUntilNs = operation.leftNs ?? operation.releaseInvokedNs;
    const { validUntilNs } = operation;
    const isBounded = isHeld && validUntilNs !== undefined && validUntilNs !== Infinity;
    return {
      holder: cast.contenders[operation.worker]?.name ?? `c${String(operation.worker + 1)}`,
      keyIndex: operation.keyIndex,
      status: operation.status,
      invokedNs: operation.invokedNs - epochNs,
      returnedNs: operation.returnedNs - epochNs,
      heldUntilNs: isHeld && heldUntilNs !== undefined ? heldUntilNs - epochNs : null,
      validUntilNs: isBounded ? validUntilNs - epochNs : null,
      overlap: overlapOf[index] ?? 'none',
      end: isHeld ? (operation.releaseStatus ?? 'never released') : operation.status,
    };
  });
  return spans.sort((a, b) => a.invokedNs - b.invokedNs).slice(-MOST_SPANS);
}

const NOTHING: Pick<Observation, 'evidence' | 'receipts'> = {
  evidence: {
    intervals: { holds: 0, contract: 0, grantedExpired: 0, overruns: 0 },
    witness: { entered: 0, overlaps: 0 },
    ledger: { touches: 0, lostUpdates: 0, fencedLostUpdates: null, rejected: null },
    margins: [],
    recoveryMs: null,
  },
  receipts: [],
};

function describe(
  { trial, repeat }: ConductOptions,
  startNs: Ns,
  { evidence, receipts }: { readonly evidence: ChaosEvidence; readonly receipts: readonly FaultReceipt[] },
  outcome: Pick<ExperimentResult, 'verdict' | 'reasons'> & Partial<Pick<ExperimentResult, 'observed'>>,
): ExperimentResult {
  const { id, name, question } = titleOf(trial);
  return {
    id,
    name,
    question,
    lock: trial.lock,
    variant: trial.variant,
    masters: trial.masters,
    expected: [],
    allowed: [],
    observed: outcome.observed ?? [],
    verdict: outcome.verdict,
    reasons: outcome.reasons,
    receipts,
    evidence,
    timeline: [],
    tookMs: nsToMs(systemClock.nowNs() - startNs),
    repeat,
  };
}

/** A mutant is no experiment of its own: what it is tried by catches it, or not. */
function titleOf({ experiment, lock, expectation }: Trial): Pick<ExperimentResult, 'id' | 'name' | 'question'> {
  const { id, name, question } = experiment;
  if (expectation === undefined) return { id, name, question };
  const mistake = lock.startsWith('mutant:') ? lock.slice('mutant:'.length) : name;
  return { id: 'F0m', name: mistake, question: `A mistake made on purpose, tried by ${id}: is it caught? ${question}` };
}
