import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../model/errors.js';
import type { RunResult } from '../model/result.js';
import { completeScenario } from '../model/scenario.js';
import { sampleGate } from '../report/sample-gate.fixture.js';
import { simulateRun } from '../report/simulated-run.fixture.js';
import { inFolder } from './cli.fixture.js';
import { readBaseline } from './gate-baseline.js';

const scenario = completeScenario({ durationMs: 1_000 }, 1);
const { result } = simulateRun({ scenario, seed: 1, intervals: 1, perInterval: 100 });

/** Lends folders, one for each change of the same run. */
function withRuns<Value>(
  changes: readonly Partial<RunResult>[],
  work: (folders: string[]) => Promise<Value>,
): Promise<Value> {
  return inFolder(async (folder) => {
    const folders = changes.map((_, index) => path.join(folder, String(index)));
    for (const [index, changed] of changes.entries()) {
      await mkdir(folders[index]!);
      const run = { ...result, runId: `run-${String(index)}`, ...changed };
      await writeFile(path.join(folders[index]!, 'result.json'), JSON.stringify(run));
    }
    return work(folders);
  });
}

it('takes several runs of the same', async () => {
  const { arm, environment } = await withRuns([{}, {}, {}], (folders) => readBaseline(folders, undefined));
  expect(arm.runs.map(({ runId }) => runId)).toEqual(['run-0', 'run-1', 'run-2']);
  expect(environment).toEqual(result.environment);
});

it.each([
  ['a run twice', { runId: 'run-0' }, 'run run-0, which was given already'],
  ['another load', { scenario: { ...scenario, masters: 5 } }, '--masters 5 against 3'],
  ['another lock', { lock: { ...result.lock, name: 'other' } }, 'with other'],
  ['another machine', { environment: { ...result.environment, cores: 64 } }, '64 cores, not'],
])('refuses %s among them, naming its folder', async (_, changed, message) => {
  const refusal = withRuns([{}, {}, changed], (folders) => readBaseline(folders, undefined));
  await expect(refusal).rejects.toThrow(UsageError);
  await expect(refusal).rejects.toThrow(message);
  await expect(refusal).rejects.toThrow(/got .*\/2 with/);
});

it('tells the tool of the side that was named', async () => {
  await inFolder(async (folder) => {
    await writeFile(path.join(folder, 'gate.json'), JSON.stringify(await sampleGate('pass')));
    expect((await readBaseline([folder], undefined)).tool).toBe('redlock-bench 0.2.0');
    expect((await readBaseline([folder], 'base')).tool).toBe('redlock-bench 0.1.0');
  });
});
