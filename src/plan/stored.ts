/**
 * Stored runs, compared afterwards: grouped by what was run, with tests that need no pairs.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import type { RunResult } from '../model/result.js';
import { ArmRecord } from './arm-runs.js';
import { conclude } from './conclusion.js';
import { judgeStored } from './judge.js';

/** A stored run with its folder, and what tells it apart from runs of other scenarios. */
export interface NamedRun {
  readonly directory: string;
  readonly result: RunResult;
  /** The same for runs of the same scenario on the same version of its lock. */
  readonly name: string;
}

/** Holds every group of runs against the first group. Repetitions of one scenario are a group, whatever their seed. */
export function compareStored(title: string, runs: readonly NamedRun[]): Comparison {
  const names = [...new Set(runs.map((run) => run.name))];
  const records = names.map((name) => {
    const members = runs.filter((run) => run.name === name);
    const [first] = members;
    if (first === undefined) throw new RangeError(`group ${name}: expected a run, got none`);
    const record = new ArmRecord({ name, levels: { run: name }, scenario: first.result.scenario });
    for (const { directory, result } of members) record.add({ round: null, directory, result });
    return record;
  });
  return conclude({
    title,
    startedAt: runs.map(({ result }) => result.startedAt).sort()[0] ?? '',
    status: 'complete',
    design: 'stored',
    seed: null,
    rounds: 0,
    factors: [{ name: 'run', levels: names, isCondition: false }],
    records,
    contrasts: names.slice(1).map((_, index) => ({ factor: 'run', arm: index + 1, baseline: 0 })),
    judge: judgeStored,
    minEffect: undefined,
    refusals: [],
  });
}
