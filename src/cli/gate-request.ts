/**
 * Reads the words of `gate`.
 *
 * @module
 */
import { parseThreshold } from '../check/thresholds.js';
import { UsageError } from '../model/errors.js';
import { DEFAULT_ROUNDS, readMinEffect, readRounds } from './compare-request.js';
import { readSide, type Side } from './gate-sides.js';
import type { RawArguments } from './options.js';
import { readSingleScenario, type SingleScenario } from './single-scenario.js';
import { WordReader } from './word-reader.js';

export interface GateRequest {
  readonly single: SingleScenario;
  /** As it was given, for builds that read it themselves. */
  readonly raw: RawArguments;
  readonly base: Side;
  readonly head: Side;
  readonly rounds: number;
  /** As a share; undefined when each metric has its own. */
  readonly minEffect: number | undefined;
  readonly isStrict: boolean;
  /** Files or folders of stored runs to hold the head against; none = both sides are run. */
  readonly baseline: readonly string[];
  readonly baselineArm: string | undefined;
  /** Undefined: the usual place, if there is one. */
  readonly calibration: string | undefined;
  /** A file that gets a row of the head's medians. */
  readonly historyCsv: string | undefined;
}

/**
 * Reads them.
 *
 * @throws UsageError with every problem
 */
export function readGate(raw: RawArguments): GateRequest {
  const words = new WordReader(raw);
  const { problems } = words;
  const [baseText, headText] = [words.once('base'), words.once('head')];
  const baseline = textsOf(raw['baseline']);
  const baselineArm = words.once('baseline-arm');
  const base = words.attempt(() => readSide('base', baseText));
  const head = words.attempt(() => readSide('head', headText));
  const single = words.attempt(() => readSingleScenario('gate', raw));
  const rounds = readRounds(words, DEFAULT_ROUNDS);
  const minEffect = readMinEffect(words);
  const calibration = words.once('calibration');
  const historyCsv = words.once('history-csv');
  if (baseText === undefined && headText === undefined && baseline.length === 0) {
    problems.push(
      'gate: expected --base, --head or --baseline, got none; both sides would be the same: ' +
        'use --base ../other-checkout, --head "--transport wire" or --baseline results/FOLDER',
    );
  }
  if (baseText !== undefined && baseline.length > 0) {
    problems.push('--base, --baseline: expected one of the two, got both; stored runs take the place of the base');
  }
  if (baselineArm !== undefined && baseline.length === 0) {
    problems.push(
      '--baseline-arm: expected with --baseline, got no --baseline; it names an arm of a stored comparison',
    );
  }
  for (const expression of single?.input.thresholds ?? []) {
    const threshold = parseThreshold(expression);
    if ('problem' in threshold) problems.push(threshold.problem);
  }
  if (problems.length > 0 || base === undefined || head === undefined || single === undefined) {
    throw new UsageError([...new Set(problems)]);
  }
  return {
    single,
    raw,
    base,
    head,
    rounds,
    minEffect,
    isStrict: raw['strict'] === true,
    baseline,
    baselineArm,
    calibration,
    historyCsv,
  };
}

function textsOf(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string');
}
