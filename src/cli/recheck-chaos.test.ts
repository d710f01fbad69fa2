import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hold, openSegment } from '../check/history.fixture.js';
import type { ExperimentResult } from '../model/chaos.js';
import type { Operation } from '../model/operation.js';
import { pauseAfterGrant, sampleChaos } from '../report/sample-chaos.fixture.js';
import { recheckChaos, type RecheckedChaos } from './recheck-chaos.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'redlock-bench-test-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Records one segment for each operation. The last one is left open, as a killed contender leaves it. */
async function record(history: string, operations: readonly Operation[]): Promise<void> {
  const folder = path.join(directory, 'history', history);
  await mkdir(folder, { recursive: true });
  operations.forEach((operation, worker) => {
    const writer = openSegment(folder, worker);
    writer.record({ ...operation, worker });
    if (worker < operations.length - 1) writer.end();
    else writer.abandon();
  });
}

const recheck = async (exitCode: number, ...changes: readonly Partial<ExperimentResult>[]): Promise<RecheckedChaos> => {
  const experiments = changes.map((change) => ({ ...pauseAfterGrant(), ...change }));
  return await recheckChaos(directory, sampleChaos({ experiments, exitCode }));
};

describe('the histories of stored experiments', () => {
  it('say nothing where none was recorded', async () => {
    expect(await recheck(0, {})).toMatchObject({ finding: undefined, report: { exitCode: 0 } });
  });

  it('leave the report as it is where they have no overlap of promises that it has not', async () => {
    await record('F1', [hold(0, 10), hold(10, 20)]);
    await record('F8', [hold(0, 10), hold(5, 20)]);
    const { intervals } = pauseAfterGrant().evidence;
    const evidence = { ...pauseAfterGrant().evidence, intervals: { ...intervals, contract: 1 } };
    expect(await recheck(0, { history: 'F1' }, { history: 'F8', evidence })).toMatchObject({
      report: { exitCode: 0 },
      finding: {
        tone: 'good',
        text: '4 holds of 2 experiments checked again; no overlap of promises that is not in the report',
      },
    });
  });

  it('leave it unknown where they have one that it has not', async () => {
    await record('F1', [hold(0, 10), hold(5, 20)]);
    expect(await recheck(0, { history: 'F1' })).toMatchObject({
      report: { exitCode: 4 },
      finding: {
        tone: 'bad',
        text: '2 holds of 1 experiment checked again; F1 pause-after-grant (fenced, 3 masters) has 1 overlap of promises in its history, and none in the report',
      },
    });
    expect((await recheck(3, { history: 'F1' })).report.exitCode).toBe(3);
  });

  it('are missed where they are gone', async () => {
    expect((await recheck(0, { history: 'F1' })).finding).toEqual({
      tone: 'warning',
      text: '0 holds of 0 experiments checked again; no overlap of promises that is not in the report; 1 history missing',
    });
  });
});
