/**
 * `chaos`: all experiments that were asked for, on servers that it spawns itself, and the report that they add up to.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { EXIT_CODES } from '../check/exit-code.js';
import { keyName } from '../load/shard.js';
import type { LockAdapter } from '../locks/lock-client.js';
import { findAdapter, listLocks } from '../locks/registry.js';
import { CHAOS_SCHEMA_VERSION, type ChaosReport, type ExperimentResult } from '../model/chaos.js';
import { EnvironmentError, UsageError } from '../model/errors.js';
import { describeHost } from '../model/host.js';
import { measuredLock } from '../model/measured-lock.js';
import { quorumOf } from '../model/quorum.js';
import { wallClockMs } from '../model/time.js';
import { openServerHost, type ServerHost } from '../servers/server-host.js';
import { conduct } from './conduct.js';
import { EXPERIMENTS } from './experiments.js';
import { EQUAL_PROFILE, traitsOf } from './known-locks.js';
import { probeLock, type Demeanour } from './probe.js';
import { EVEN, mutantTrials, trialsOf, type Trial } from './trials.js';

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
const MUTANTS_QUESTION = 'Seven locks and a ledger, each with a mistake made on purpose: is every one caught?';

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
  const name = await equalise(request.lock);
  const adapter = await findAdapter(name);
  const trials = plan(request, name, adapter);
  const lock = measuredLock(adapter);
  const hostOfRun = describeHost();
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
      lock,
      seed: request.seed,
      environment: hostOfRun,
      server: `${host.binary.name} ${host.binary.version}`,
      experiments,
      exitCode: exitCodeOf(experiments, isWhole),
    };
  };
  const known = new Map<string, Demeanour>();
  for (const [index, trial] of trials.entries()) {
    if (signal.aborted) break;
    const result = await unlessAborted(signal, () =>
      conductOne(host, trial, { request, context, runId, index, known }),
    );
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
  // What was asked for and could not be tried here is not known either; what a lock has no part in is.
  const isUntried = experiments.some(({ verdict, receipts }) => verdict === 'not-run' && receipts.length > 0);
  const isNothing = isWhole && experiments.length > 0 && experiments.every(({ verdict }) => verdict === 'not-run');
  if (has('unknown') || has('differs') || isUntried || isNothing) return EXIT_CODES.safetyUnknown;
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
  if (lock.startsWith('process:') || listLocks().some(({ name, kind }) => name === lock && kind === 'driver')) {
    throw new UsageError([
      `--lock ${lock}: expected a lock that runs in this tool's own processes, got a driver, whose clocks and pauses are its own; use --lock set-nx-px`,
    ]);
  }
  const { maxMasters, canFence = false } = adapter.capabilities;
  const isTied = experiments !== 'all' && experiments.every((id) => EVEN.includes(id));
  if (masters !== undefined && masters % 2 === 0 && !isTied) {
    throw new UsageError([
      `--masters: expected an odd number, got ${String(masters)}; an even one has a larger quorum and survives no more: use --masters ${String(masters - 1)}`,
    ]);
  }
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
  /** What was found out about each lock, when it was first tried. */
  readonly known: Map<string, Demeanour>;
}

async function conductOne(
  host: ServerHost,
  trial: Trial,
  { request, context, runId, index, known }: OneOf,
): Promise<ExperimentResult> {
  const adapter = await findAdapter(trial.lock);
  // Not the key of another experiment: what one left behind must not be another's trouble.
  const resource = keyName(runId, index);
  const { experiment, variant, masters } = trial;
  const name = `${experiment.id}-${trial.expectation === undefined ? variant : trial.lock.replace(':', '-')}-${String(masters)}`;
  const historyFolder = request.directory === undefined ? undefined : path.join(request.directory, 'history', name);
  const keyOf = adapter.keyOf ?? ((name: string) => name);
  const demeanour = known.get(trial.lock) ?? (await demeanourOf(host, trial.lock, { ...context, keyOf }));
  if (demeanour !== undefined) known.set(trial.lock, demeanour);
  const traits = traitsOf(trial.lock, adapter.version, demeanour ?? ORDINARY);
  return await conduct(host, {
    trial,
    terms: {
      variant,
      masters,
      quorum: quorumOf(masters),
      traits,
      canExtend: adapter.capabilities.canExtend,
    },
    resource,
    key: keyOf(resource),
    seed: request.seed,
    historyFolder,
    repeat: repeatOf(trial, request),
    ...context,
  });
}

/** Of a lock of which nothing was found out. */
const ORDINARY: Demeanour = { renews: false, isEternal: false };

/** Undefined when the lock could not even be tried alone: then it is tried again before its next experiment. */
async function demeanourOf(...probe: Parameters<typeof probeLock>): Promise<Demeanour | undefined> {
  try {
    return await probeLock(...probe);
  } catch (thrown) {
    probe[2].signal.throwIfAborted();
    if (thrown instanceof EnvironmentError) return undefined;
    throw thrown;
  }
}

function repeatOf({ experiment, masters, expectation }: Trial, { lock, seed, server }: ChaosRequest): string {
  const id = expectation === undefined ? experiment.id : MUTANTS_ID;
  const where = expectation === undefined ? ` --masters ${String(masters)}` : '';
  const by = server === undefined ? '' : ` --server ${quoted(server)}`;
  return `redlock-bench chaos ${id} --lock ${quoted(lock)}${where}${by} --seed ${String(seed)}`;
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
