/**
 * `chaos`: all experiments that were asked for, on servers that it spawns itself, and the report that they add up to.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import { keyName } from '../load/shard.js';
import type { LockAdapter } from '../locks/lock-client.js';
import { findAdapter } from '../locks/registry.js';
import { CHAOS_SCHEMA_VERSION, type ChaosReport, type ExperimentResult } from '../model/chaos.js';
import { UsageError } from '../model/errors.js';
import { describeHost } from '../model/host.js';
import { wallClockMs } from '../model/time.js';
import { openServerHost, type ServerHost } from '../servers/server-host.js';
import { conduct } from './conduct.js';
import { EXPERIMENTS } from './experiments.js';
import { EQUAL_PROFILE, traitsOf } from './known-locks.js';
import { probeLock } from './probe.js';
import { mutantTrials, trialsOf, type Trial } from './trials.js';

export interface ChaosRequest {
  readonly lock: string;
  /** Ids of `EXPERIMENT_NAMES`, or all of them. */
  readonly experiments: readonly string[] | 'all';
  /** Only on so many; undefined: as each experiment needs. */
  readonly masters: number | undefined;
  readonly server: string | undefined;
  readonly seed: number;
  /** Where histories are recorded; undefined: nowhere. */
  readonly directory: string | undefined;
}

export interface ChaosListener {
  /** How many experiments there will be. */
  planned(count: number): void;
  /** An experiment is over; `report` has all until now, and is kept safe before the next one begins. */
  ended(result: ExperimentResult, report: ChaosReport): Promise<void>;
}

export interface ChaosContext {
  readonly listener: ChaosListener;
  readonly environment: NodeJS.ProcessEnv;
  /** Ends it between two experiments, or within one, whose result is lost then. */
  readonly signal: AbortSignal;
}

/** The id under which all mutants are asked for. */
const MUTANTS_ID = 'F0m';
const MUTANTS_QUESTION = 'Locks with a mistake each, made on purpose: does a detector catch every one?';

/** Every experiment that can be asked for. */
export const EXPERIMENT_NAMES: readonly { readonly id: string; readonly name: string; readonly question: string }[] = [
  ...EXPERIMENTS,
  { id: MUTANTS_ID, name: 'mutants', question: MUTANTS_QUESTION },
];

/**
 * Makes the experiments, one after the other.
 *
 * @throws UsageError for a lock that there is none of, or that cannot have so many masters; EnvironmentError when there is no server to be had
 */
export async function runChaos(request: ChaosRequest, context: ChaosContext): Promise<ChaosReport> {
  const { listener, environment, signal } = context;
  const lock = await equalise(request.lock);
  const adapter = await findAdapter(lock);
  const trials = plan(request, lock, adapter);
  const startedAtMs = wallClockMs();
  const runId = randomBytes(6).toString('hex');
  await using host = await openServerHost(environment, request.server);
  listener.planned(trials.length);
  const experiments: ExperimentResult[] = [];
  const reportSoFar = (): ChaosReport => {
    const isWhole = experiments.length === trials.length;
    return {
      schemaVersion: CHAOS_SCHEMA_VERSION,
      runId,
      startedAt: new Date(startedAtMs).toISOString(),
      status: isWhole ? 'complete' : 'interrupted',
      lock: describeLock(adapter),
      seed: request.seed,
      environment: describeHost(),
      server: `${host.binary.name} ${host.binary.version}`,
      experiments,
      exitCode: exitCodeOf(experiments, isWhole),
    };
  };
  const renewing = new Map<string, boolean>();
  for (const [index, trial] of trials.entries()) {
    if (signal.aborted) break;
    const result = await unlessAborted(signal, async () => {
      const renews = renewing.get(trial.lock) ?? (await probeLock(host, trial.lock, { environment, signal }));
      renewing.set(trial.lock, renews);
      return await conductOne(host, trial, { request, context, runId, index, renews });
    });
    if (result === undefined) break;
    experiments.push(result);
    await listener.ended(result, reportSoFar());
  }
  return reportSoFar();
}

/** Undefined when it failed because it was ended. */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}

/** Violated first, then unknown; a mutant that was not caught makes all of it unknown. */
function exitCodeOf(experiments: readonly ExperimentResult[], isWhole: boolean): number {
  const has = (verdict: ExperimentResult['verdict']): boolean => experiments.some((one) => one.verdict === verdict);
  if (has('violated')) return EXIT_CODES.violation;
  if (has('unknown') || has('differs')) return EXIT_CODES.safetyUnknown;
  return isWhole ? EXIT_CODES.ok : EXIT_CODES.interrupted;
}

/** A library's own retries would outlast an experiment. */
async function equalise(lock: string): Promise<string> {
  const hasProfile = !lock.startsWith('npm:') || lock.endsWith(EQUAL_PROFILE);
  if (hasProfile) return lock;
  await findAdapter(lock);
  return `${lock}${EQUAL_PROFILE}`;
}

function plan({ experiments, masters }: ChaosRequest, lock: string, adapter: LockAdapter): Trial[] {
  const { maxMasters, canFence = false } = adapter.capabilities;
  if (masters !== undefined && masters > maxMasters) {
    throw new UsageError([
      `--masters: expected at most ${String(maxMasters)} for ${lock}, got ${String(masters)}; use --masters ${String(maxMasters)}`,
    ]);
  }
  const own = trialsOf(lock, { maxMasters, canFence }, experiments, masters);
  const withMutants = experiments === 'all' || experiments.includes(MUTANTS_ID);
  return withMutants ? [...own, ...mutantTrials()] : own;
}

interface OneOf {
  readonly request: ChaosRequest;
  readonly context: ChaosContext;
  readonly runId: string;
  readonly index: number;
  readonly renews: boolean;
}

async function conductOne(
  host: ServerHost,
  trial: Trial,
  { request, context, runId, index, renews }: OneOf,
): Promise<ExperimentResult> {
  const adapter = await findAdapter(trial.lock);
  // Not the key of another experiment: what one left behind must not be another's trouble.
  const resource = keyName(runId, index);
  const { experiment, variant, masters } = trial;
  const name = `${experiment.id}-${trial.expectation === undefined ? variant : trial.lock.replace(':', '-')}-${String(masters)}`;
  const historyFolder = request.directory === undefined ? undefined : path.join(request.directory, 'history', name);
  if (historyFolder !== undefined) await mkdir(historyFolder, { recursive: true });
  return await conduct(host, {
    trial,
    terms: {
      variant,
      masters,
      quorum: Math.floor(masters / 2) + 1,
      traits: traitsOf(trial.lock, renews),
      canExtend: adapter.capabilities.canExtend,
    },
    resource,
    key: adapter.keyOf?.(resource) ?? resource,
    seed: request.seed + index,
    historyFolder,
    repeat: repeatOf(trial, request),
    ...context,
  });
}

function repeatOf({ experiment, masters, expectation }: Trial, { lock, seed }: ChaosRequest): string {
  const id = expectation === undefined ? experiment.id : MUTANTS_ID;
  const where = expectation === undefined ? ` --masters ${String(masters)}` : '';
  return `redlock-bench chaos ${id} --lock ${lock}${where} --seed ${String(seed)}`;
}

function describeLock({ name, version, flaw }: LockAdapter): ChaosReport['lock'] {
  return { name, version: version ?? null, isUnsafe: flaw !== undefined, flaw: flaw ?? null };
}
