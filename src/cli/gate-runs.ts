/**
 * The runs of a gate that another build, or any other command, makes.
 *
 * @module
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { evaluateThreshold, parseThreshold } from '../check/thresholds.js';
import { UsageError } from '../model/errors.js';
import type { RunResult, ThresholdResult } from '../model/result.js';
import type { Scenario } from '../model/scenario.js';
import { formatDurationMs } from '../model/time.js';
import type { RunPlace } from '../plan/compare.js';
import { HEAD } from '../plan/gate-decision.js';
import { runCommandLine, type EndedCommand } from './gate-process.js';
import { readPrintedResult } from './gate-result.js';
import type { Side } from './gate-sides.js';
import { RUN_OPTIONS, type RawArguments } from './options.js';
import type { Output } from './output.js';
import { labelOf } from './rounds.js';
import { isCustom } from './scenarios.js';
import type { SingleScenario } from './single-scenario.js';

/** Makes a run of a side that is not this build; undefined when it was interrupted before anything was measured. */
export type RunCommand = (
  side: Exclude<Side, { kind: 'settings' }>,
  scenario: Scenario,
  place: RunPlace,
) => Promise<RunResult | undefined>;

/** What a command may take besides its load: npx that fetches a package, masters that start, a drain, files. */
const START_AND_END_MS = 120_000;

/** Flags that every run is given by the gate, or that are judged here. */
const GIVEN_HERE: ReadonlySet<string> = new Set(['seed', 'threshold']);

/** Makes the runs of sides that are commands, each into its folder, and reads what they print. */
export function runByCommand(
  { single, raw }: { readonly single: SingleScenario; readonly raw: RawArguments },
  { directory, isQuiet }: Output,
  signal: AbortSignal,
): RunCommand {
  const words = wordsOfRun(single, raw);
  return async (side, scenario, place) => {
    const folder = path.resolve(directory, place.directory);
    // The command makes the last folder itself: one that is there already may be that of another run.
    await mkdir(path.dirname(folder), { recursive: true });
    const command = [
      ...side.words,
      ...(side.kind === 'checkout' ? words : []),
      ...['--json', '--quiet', '--seed', String(scenario.seed), '--out', folder],
    ];
    if (!isQuiet) process.stderr.write(`${labelOf(place)}: ${side.text}\n`);
    const limitMs = scenario.warmupMs + scenario.durationMs + scenario.acquireTimeoutMs + START_AND_END_MS;
    const ended = await runCommandLine(command, process.env, signal, { limitMs });
    const result = readUnlessAborted(`${place.arm.name} (${side.text})`, ended, signal);
    if (result === undefined) return undefined;
    return place.arm.name === HEAD ? judgeThresholds(result, scenario.thresholds) : result;
  };
}

/** What was interrupted while it was starting or writing left nothing to read and nothing to complain about. */
function readUnlessAborted(name: string, ended: EndedCommand, signal: AbortSignal): RunResult | undefined {
  try {
    return readPrintedResult(name, ended);
  } catch (thrown) {
    if (signal.aborted) return undefined;
    throw thrown;
  }
}

/** `run SCENARIO FLAGS`, as the user gave them to the gate. */
function wordsOfRun({ named, base, input }: SingleScenario, raw: RawArguments): string[] {
  const options = RUN_OPTIONS.filter(({ flag, read }) => read !== undefined && !GIVEN_HERE.has(flag));
  const given = options.flatMap(({ flag, placeholder }) => {
    const values: readonly unknown[] = Array.isArray(raw[flag]) ? (raw[flag] as unknown[]) : [raw[flag]];
    if (placeholder === undefined) return values.includes(true) ? [`--${flag}`] : [];
    return values.flatMap((value) => (typeof value === 'string' ? [`--${flag}=${value}`] : []));
  });
  return [
    'run',
    ...(isCustom(named) ? [] : [named.name]),
    ...given,
    // A gate is briefer than a run, which the other build does not know.
    ...(['warmup', 'duration'] as const).flatMap((flag) => {
      const ms = base[`${flag}Ms`];
      return input[`${flag}Ms`] !== undefined || ms === undefined ? [] : [`--${flag}=${formatDurationMs(ms)}`];
    }),
  ];
}

/** The thresholds of the gate, on a result whose command may not know of them; its own stay as they were. */
function judgeThresholds(result: RunResult, expressions: readonly string[]): RunResult {
  const judged = expressions.map((expression): ThresholdResult => {
    const threshold = parseThreshold(expression);
    const evaluated = 'problem' in threshold ? threshold : evaluateThreshold(threshold, result);
    if ('problem' in evaluated) throw new UsageError([evaluated.problem]);
    return evaluated;
  });
  return { ...result, thresholds: [...result.thresholds, ...judged] };
}
