/**
 * Reads the result that a command of another build printed.
 *
 * @module
 */
import { EXIT_CODES } from '../check/exit-code.js';
import { redactCredentials } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { Histogram } from '../model/histogram.js';
import { SCHEMA_VERSION, type RunResult } from '../model/result.js';
import type { EndedCommand } from './gate-process.js';

/** With these a run has a result nevertheless. */
const WITH_RESULT: readonly number[] = [
  EXIT_CODES.ok,
  EXIT_CODES.violation,
  EXIT_CODES.safetyUnknown,
  EXIT_CODES.invalidRun,
  EXIT_CODES.thresholdCrossed,
  EXIT_CODES.interrupted,
];

/**
 * What must be there to judge a run by it, and of which type. Not the whole schema: a build that is older or newer than
 * this one may lack or add what nobody asks for here.
 */
const NEEDED: Readonly<Record<string, Kind>> = {
  runId: 'string',
  startedAt: 'string',
  status: 'string',
  incidents: 'list',
  'scenario.name': 'string',
  'scenario.seed': 'number',
  'scenario.lock': 'string',
  'scenario.masters': 'number',
  'scenario.endpoints': 'list',
  'scenario.thresholds': 'list',
  'scenario.keys.kind': 'string',
  'scenario.hold.meanMs': 'number',
  'scenario.ttlMs': 'number',
  'scenario.acquireTimeoutMs': 'number',
  'scenario.warmupMs': 'number',
  'scenario.durationMs': 'number',
  'lock.name': 'string',
  'environment.tool.name': 'string',
  'environment.tool.version': 'string',
  'environment.node': 'string',
  'environment.cpuModel': 'string',
  'environment.cores': 'number',
  masters: 'list',
  measuredMs: 'number',
  'acquire.counts.acquired': 'number',
  'acquire.counts.unfinished': 'number',
  'acquire.successRatio': 'number',
  'acquire.ratePerSecond': 'number',
  'acquire.response': 'latency',
  'acquire.service': 'latency',
  'acquire.gaveUp': 'latency',
  'acquire.unfinished.oldestNs': 'number',
  'handoff.count': 'number',
  'attempts.total': 'number',
  'attempts.splitVotes': 'number',
  fairness: 'object or null',
  'health.verdict': 'string',
  'health.generatorCpuSeconds': 'number',
  'health.serverCpuSeconds': 'number',
  'safety.verdict': 'string',
  'safety.contractCount': 'number',
  'safety.overruns': 'number',
  thresholds: 'list',
  exitCode: 'number',
};

type Kind = 'string' | 'number' | 'list' | 'object or null' | 'latency';

const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => Number.isFinite(value),
  list: (value) => Array.isArray(value),
  'object or null': (value) => typeof value === 'object',
  latency: isLatency,
};

const QUANTILES = ['p50Ns', 'p90Ns', 'p99Ns', 'p999Ns', 'maxNs'];

/** Its figures, and a histogram that can be decoded: all of them are merged later, when it is too late for a message. */
function isLatency(value: unknown): boolean {
  const { count, hdr } = (value ?? {}) as { readonly count?: unknown; readonly hdr?: unknown };
  if (typeof count !== 'number' || typeof hdr !== 'string') return false;
  if (!QUANTILES.every((key) => Number.isFinite(find(value, key)))) return false;
  if (count === 0) return true;
  try {
    new Histogram().absorbEncoded(hdr);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads it.
 *
 * @param name what measured, for messages
 * @throws EnvironmentError with the last lines of what the command complained
 */
export function readPrintedResult(name: string, ended: EndedCommand): RunResult {
  const { stdout, exitCode, startError, endedFor } = ended;
  if (startError !== undefined) throw fail(name, ended, `it could not be started: ${startError.message}`);
  if (endedFor !== undefined) throw fail(name, ended, `${endedFor}, so it was ended`);
  const parsed = parse(stdout);
  const problem = findProblem(stdout, parsed);
  if (problem !== undefined) throw fail(name, ended, `${describeExit(ended)} and ${problem}`);
  const result = parsed as RunResult;
  // A crashed run says 1 of itself, and is left out like any other that says nothing of its lock.
  const isKnown = exitCode !== null && (WITH_RESULT.includes(exitCode) || exitCode === result.exitCode);
  if (!isKnown) throw fail(name, ended, `${describeExit(ended)}, which is not what its result stands for`);
  return result;
}

function findProblem(stdout: string, parsed: unknown): string | undefined {
  if (stdout.trim() === '') return 'no output';
  if (parsed === undefined) return `no JSON: ${shorten(stdout.trim())}`;
  if (Array.isArray(parsed)) {
    return `the results of ${String(parsed.length)} runs, where one was expected; name a scenario with one run`;
  }
  const version = find(parsed, 'schemaVersion');
  if (version !== SCHEMA_VERSION) {
    return `a result with schemaVersion ${version === undefined ? 'none' : JSON.stringify(version)}, where ${String(SCHEMA_VERSION)} was expected`;
  }
  const missing = Object.entries(NEEDED).filter(([key, kind]) => !CHECKS[kind](find(parsed, key)));
  if (missing.length === 0) return undefined;
  return `a result without a readable ${missing.map(([key]) => key).join(', ')}`;
}

function find(parsed: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (node, part) =>
        typeof node === 'object' && node !== null ? (node as Readonly<Record<string, unknown>>)[part] : undefined,
      parsed,
    );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(name: string, { stderr }: EndedCommand, problem: string): EnvironmentError {
  const lines = stderr.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  return new EnvironmentError(
    // What it was given may be in what it says.
    redactCredentials(
      `${name}: expected a result as JSON on standard output, got ${problem}${lines === '' ? '' : `; it complained:\n${lines}`}`,
    ),
  );
}

function describeExit({ exitCode, killedBy }: EndedCommand): string {
  return killedBy === null ? `exit code ${String(exitCode)}` : `an end by ${killedBy}`;
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

const SHOWN_LINES = 10;
const SHOWN_CHARACTERS = 200;
