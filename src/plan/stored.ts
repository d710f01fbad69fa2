/**
 * Stored runs, compared afterwards: grouped by what was run, with tests that need no pairs.
 *
 * @module
 */
import type { Comparison } from '../model/comparison.js';
import type { RunResult } from '../model/result.js';
import { formatDurationMs } from '../model/time.js';
import { ArmRecord } from './arm-runs.js';
import { conclude } from './conclusion.js';
import type { PlannedContrast } from './design.js';
import { judgeStored } from './judge.js';

/** A stored run with its folder, and what tells it apart from runs of other scenarios. */
export interface NamedRun {
  readonly directory: string;
  readonly result: RunResult;
  /** The same for runs of the same scenario on the same version of its lock. */
  readonly name: string;
  /** Runs of one group may be held against each other: the same keys and load, another lock or number of masters. */
  readonly group: string;
}

/** Holds every kind of runs against the first kind of its group. Repetitions of a scenario are a kind, whatever their seed. */
export function compareStored(title: string, runs: readonly NamedRun[]): Comparison {
  const kinds = [...new Map(runs.map((run) => [run.name, run])).values()];
  const records = kinds.map(({ name, result }) => {
    const record = new ArmRecord({ name, levels: { run: name }, scenario: result.scenario });
    for (const run of runs) if (run.name === name) record.add({ ...run, round: null });
    return record;
  });
  return conclude({
    title,
    startedAt: runs.map(({ result }) => result.startedAt).sort()[0] ?? '',
    status: 'complete',
    design: 'stored',
    seed: null,
    rounds: 0,
    factors: [{ name: 'run', levels: kinds.map(({ name }) => name), isCondition: false }],
    records,
    contrasts: kinds.flatMap(({ group }, arm): PlannedContrast[] => {
      const baseline = kinds.findIndex((other) => other.group === group);
      return baseline === arm ? [] : [{ factor: 'run', arm, baseline }];
    }),
    judge: judgeStored,
    minEffect: undefined,
    remarks: describeDifferences(runs.map(({ result }) => result)),
  });
}

/** What else was different between the runs, and may be why their figures are. */
function describeDifferences(results: readonly RunResult[]): string[] {
  const kindsOf = (describe: (result: RunResult) => string): string[] => [...new Set(results.map(describe))];
  const differing = {
    machines: kindsOf(({ environment }) => `${environment.cpuModel}, ${String(environment.cores)} cores`),
    'versions of Node': kindsOf(({ environment }) => environment.node),
    'versions of this tool': kindsOf(({ environment }) => environment.tool.version),
    servers: kindsOf(({ masters }) => [...new Set(masters.map((m) => `${m.server} ${m.version}`))].join(' and ')),
    durations: kindsOf(({ scenario }) => formatDurationMs(scenario.durationMs)),
  };
  return Object.entries(differing)
    .filter(([, kinds]) => kinds.length > 1)
    .map(([noun, kinds]) => `these runs are of several ${noun}: ${kinds.join('; ')}`);
}
