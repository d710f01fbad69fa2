/**
 * Finds the stored runs that a gate's head is held against.
 *
 * @module
 */
import path from 'node:path';
import type { Arm, Comparison } from '../model/comparison.js';
import { UsageError } from '../model/errors.js';
import { nameLock } from '../model/measured-lock.js';
import type { RunResult } from '../model/result.js';
import { ArmRecord } from '../plan/arm-runs.js';
import { BASE, HEAD } from '../plan/gate-decision.js';
import type { Baseline } from '../plan/gate.js';
import { findLoadDifferences } from '../plan/load-differences.js';
import { describeOtherMachine } from '../plan/machine.js';
import { readStoredComparison } from '../report/comparison-folder.js';
import { readStoredGate } from '../report/gate-folder.js';
import { readStoredRun } from '../report/stored-run.js';

/** What may be named by its file instead of its folder. */
const FILES = ['gate.json', 'comparison.json', 'result.json'];

/**
 * Reads them: the head of a gate, an arm of a comparison, or the folders of runs.
 *
 * @throws UsageError when there is nothing of the kind, or it is not clear which arm is meant
 */
export async function readBaseline(places: readonly string[], armName: string | undefined): Promise<Baseline> {
  const folders = places.map((place) => (FILES.includes(path.basename(place)) ? path.dirname(place) : place));
  const [first = ''] = folders;
  if (folders.length === 1) {
    const gate = await readStoredGate(first);
    if (gate !== undefined) {
      const name = armName ?? HEAD;
      const arm = pickArm(first, gate.comparison, name);
      return { arm, tool: (name === BASE ? gate.base : gate.head).tool, environment: gate.environment };
    }
    const comparison = await readStoredComparison(first);
    if (comparison !== undefined) return { arm: pickArm(first, comparison, armName), tool: null, environment: null };
  }
  if (armName !== undefined) {
    throw new UsageError([`--baseline-arm: expected with a stored comparison, got ${folders.join(', ')}; drop it`]);
  }
  const results: RunResult[] = [];
  for (const folder of folders) {
    const { result } = await readStoredRun(folder);
    requireAlike(folder, result, results);
    results.push(result);
  }
  return armOfRuns(results);
}

/** Runs of several loads, locks or machines are no baseline, and one run twice is no second run. */
function requireAlike(folder: string, result: RunResult, earlier: readonly RunResult[]): void {
  const [first] = earlier;
  if (first === undefined) return;
  const otherMachine = describeOtherMachine(result.environment, first.environment);
  const differing = [
    ...(earlier.some(({ runId }) => runId === result.runId) ? [`run ${result.runId}, which was given already`] : []),
    ...findLoadDifferences(result.scenario, first.scenario),
    ...[nameLock(result.lock)].filter((lock) => lock !== nameLock(first.lock)),
    ...(otherMachine === undefined ? [] : [otherMachine]),
  ];
  if (differing.length === 0) return;
  throw new UsageError([
    `--baseline: expected different runs of one load, lock and machine, got ${folder} with ${differing.join('; ')}; leave it out`,
  ]);
}

function pickArm(folder: string, { arms }: Comparison, name: string | undefined): Arm {
  const found = name === undefined && arms.length === 1 ? arms[0] : arms.find((arm) => arm.name === name);
  if (found !== undefined) return found;
  const names = arms.map((arm) => `"${arm.name}"`).join(', ');
  throw new UsageError([
    `--baseline-arm: expected one of ${names}, as ${folder} has them, got ${name === undefined ? 'none' : `"${name}"`}`,
  ]);
}

function armOfRuns(results: readonly RunResult[]): Baseline {
  const [first] = results;
  if (first === undefined) throw new UsageError(['--baseline: expected at least one folder of a run, got none']);
  const record = new ArmRecord({ name: BASE, levels: { side: BASE }, scenario: first.scenario });
  for (const result of results) record.add({ round: null, directory: null, result });
  return { arm: record.summarize(), tool: first.environment.tool.version, environment: first.environment };
}
