/**
 * Conducts one trial: opens the stage, lets the experiment play, and judges what was seen.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeExperiment, type Expectation, type Observation } from '../check/experiment-verdict.js';
import { judgeOperations, type JudgedOperations } from '../check/judge-operations.js';
import type { ChaosEvidence, ExperimentResult } from '../model/chaos.js';
import { toError } from '../model/errors.js';
import type { FaultReceipt } from '../model/fault.js';
import type { Operation } from '../model/operation.js';
import { formatDurationMs, nsToMs, systemClock, type Ns } from '../model/time.js';
import type { ServerHost } from '../servers/server-host.js';
import { openCast, type Cast } from './cast.js';
import type { Terms } from './experiment.js';
import type { ResourceReport } from './resource.js';
import { describeFailure, LiveStage } from './stage.js';
import { describeTimeline } from './timeline.js';
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

/** No experiment takes half as long, unless something hangs. */
const LONGEST_MS = 60_000;

/** Conducts the trial. Rejects only when it is aborted: what fails is in the result, as a doubt. */
export async function conduct(host: ServerHost, options: ConductOptions): Promise<ExperimentResult> {
  const { trial, terms, signal } = options;
  const startNs = systemClock.nowNs();
  const excluded = trial.experiment.excludes(terms);
  if (excluded !== undefined) return describe(options, startNs, NOTHING, { verdict: 'not-run', reasons: [excluded] });
  let cast: Cast;
  try {
    if (options.historyFolder !== undefined) await mkdir(options.historyFolder, { recursive: true });
    cast = await openCast(host, options);
  } catch (thrown) {
    signal.throwIfAborted();
    const reasons = [`the stage could not be set: ${toError(thrown).message}`];
    return describe(options, startNs, NOTHING, { verdict: 'unknown', reasons });
  }
  let result: ExperimentResult;
  try {
    result = await playOn(cast, options, startNs);
  } catch (thrown) {
    await Promise.resolve(cast[Symbol.asyncDispose]()).catch(() => undefined);
    signal.throwIfAborted();
    const reasons = [`it could not be judged: ${toError(thrown).message}`];
    return describe(options, startNs, NOTHING, { verdict: 'unknown', reasons });
  }
  try {
    await cast[Symbol.asyncDispose]();
    return result;
  } catch (thrown) {
    return { ...result, reasons: [...result.reasons, `afterwards: ${toError(thrown).message}`] };
  }
}

async function playOn(cast: Cast, options: ConductOptions, startNs: Ns): Promise<ExperimentResult> {
  const { trial, terms, signal } = options;
  const epochNs = systemClock.nowNs();
  const { ttlMs, clients } = trial.experiment;
  const stage = new LiveStage({ cast, ttlMs, clients, epochNs, ...options });
  await play(trial, stage, epochNs, signal);
  const receipts = await stage.end();
  signal.throwIfAborted();
  const seen = await gather(cast, stage);
  const judged = judgeOperations(seen.operations, ttlMs, epochNs);
  const observation: Observation = {
    variant: terms.variant,
    evidence: describeEvidence(judged, seen.report, stage),
    receipts,
    outages: stage.outages,
    stuck: stage.stuckReasons,
    doubts: [...stage.doubts, ...seen.doubts, ...crossCheck(judged, seen.report)],
  };
  const expectation = trial.expectation ?? expectationOf(trial, terms);
  const judgement = judgeExperiment(observation, expectation);
  const notRun = receipts.find(({ status }) => status === 'not-run');
  // What this machine cannot do says nothing of the lock; what was seen all the same does.
  const outcome =
    notRun === undefined || judgement.verdict === 'violated'
      ? judgement
      : { observed: [], verdict: 'not-run' as const, reasons: [`${notRun.fault}: ${notRun.proof}`] };
  return {
    ...describe(options, startNs, observation, outcome),
    history: options.historyFolder === undefined ? null : path.basename(options.historyFolder),
    expected: expectation.findings,
    allowed: expectation.allowed,
    ...describeTimeline(seen.operations, judged, { names: cast.contenders.map(({ name }) => name), epochNs, ttlMs }),
  };
}

/** Lets it play for as long as an experiment may take; what goes wrong is a doubt. */
async function play({ experiment }: Trial, stage: LiveStage, epochNs: Ns, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const end = (): void => {
    over.abort();
  };
  signal.addEventListener('abort', end, { once: true });
  const tooLong = sleep(LONGEST_MS, undefined, { signal: over.signal }).then(
    () => {
      stage.doubt(`it was not over after ${formatDurationMs(LONGEST_MS)}`);
    },
    () => undefined,
  );
  const playing = experiment.play(stage).catch((thrown: unknown) => {
    if (!over.signal.aborted) stage.doubt(describeFailure(thrown, epochNs));
  });
  if (!signal.aborted) await Promise.race([playing, tooLong]);
  signal.removeEventListener('abort', end);
  end();
}

/** Whoever does not look at the clock may hand out a lock whose time is over where answers come late. */
function expectationOf({ experiment }: Trial, terms: Terms): Expectation {
  const expectation = experiment.expect(terms);
  const isLate = experiment.delaysAnswers === true || terms.variant === 'delayed-restart';
  const isKnown = terms.traits.checksElapsed || expectation.findings.includes('granted-expired');
  if (isKnown || !isLate) return expectation;
  return {
    ...expectation,
    allowed: [...expectation.allowed, 'granted-expired', 'belief', 'corruption', 'liveness'],
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
  return {
    intervals: { holds, contract, grantedExpired, overruns },
    witness: { entered: report?.witness.entered ?? 0, overlaps: report?.witness.overlaps.length ?? 0 },
    ledger: report?.ledger ?? NOTHING.evidence.ledger,
    margins,
    recoveryMs,
  };
}

const NOTHING: Pick<Observation, 'evidence' | 'receipts'> = {
  evidence: {
    intervals: { holds: 0, contract: 0, grantedExpired: 0, overruns: 0 },
    witness: { entered: 0, overlaps: 0 },
    ledger: { touches: 0, lostUpdates: 0, fencedLostUpdates: null, rejected: null, anomalies: [] },
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
    isMutant: trial.expectation !== undefined,
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
    omittedSpans: 0,
    history: null,
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
