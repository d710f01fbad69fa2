import { expect, it } from 'vitest';
import { comparedRuns, nastyRun, tinyRun } from '../report/sample-runs.fixture.js';
import { recheck } from './recheck.js';

const codeOf = async (result: ReturnType<typeof nastyRun>, source: 'result' | 'intervals' = 'result') =>
  (await recheck({ directory: '/no/such/folder', source, result })).exitCode;

it('a stored run without a history keeps the exit code that its figures give', async () => {
  const [quiet] = comparedRuns();
  const thresholds = [{ expression: 'acquire.p99<1ms', value: 2, passed: false }];
  expect(await codeOf(quiet!)).toBe(0);
  expect(await codeOf(nastyRun())).toBe(3);
  expect(await codeOf(tinyRun())).toBe(130);
  expect(await codeOf({ ...quiet!, thresholds })).toBe(99);
  expect(await codeOf({ ...quiet!, health: { ...quiet!.health, verdict: 'invalid' } })).toBe(96);
});

it('a run that was killed and has no history is unknown', async () => {
  const [quiet] = comparedRuns();
  expect(await codeOf({ ...quiet!, status: 'crashed' }, 'intervals')).toBe(4);
});
