import { expect, it, vi } from 'vitest';
import { EnvironmentError } from '../model/errors.js';
import { armRun } from '../plan/arm-run.fixture.js';
import { countMeasured } from '../plan/arm-runs.js';
import { estimateTime, exitCodeAfter, isNothingMeasured, wholeOfAtMost } from './rounds.js';

/** What is said on stderr meanwhile. */
function heard<Value>(work: () => Value): { value: Value; said: string } {
  let said = '';
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    said += String(chunk);
    return true;
  });
  try {
    return { value: work(), said };
  } finally {
    spy.mockRestore();
  }
}

it('has nothing to write when it was interrupted before the first run, and only then', () => {
  const aborted = AbortSignal.abort();
  expect(heard(() => isNothingMeasured(0, aborted))).toEqual({
    value: true,
    said: 'redlock-bench: interrupted before anything was measured\n',
  });
  expect(heard(() => isNothingMeasured(1, aborted))).toEqual({ value: false, said: '' });
  expect(heard(() => isNothingMeasured(0, new AbortController().signal))).toEqual({ value: false, said: '' });
});

it('counts the runs that got beyond their warm-up, or broke in it', () => {
  const runs = [armRun(1), armRun(2, { measuredMs: 0 }), armRun(3, { measuredMs: 0, safety: 'violation' })];
  expect(countMeasured([{ runs }, { runs: [] }, { runs: [armRun(1)] }])).toBe(3);
});

it('gives the exit code of what was measured, unless a failure cut it short or weighs more', () => {
  const failure = new EnvironmentError('no server');
  expect(exitCodeAfter(99, undefined, false)).toBe(99);
  expect(heard(() => exitCodeAfter(130, failure, false)).value).toBe(2);
  expect(heard(() => exitCodeAfter(130, failure, true)).value).toBe(130);
  expect(heard(() => exitCodeAfter(3, failure, false)).value).toBe(3);
});

it('estimates whole minutes, with what starting and ending takes', () => {
  expect(estimateTime(40, 59_000)).toBe('about 2m');
  expect(estimateTime(1, 1_000)).toBe('about 1m');
});

it('says where a run stands among runs of which some may not be needed, and some be made again', () => {
  expect(wholeOfAtMost(6, 30, 200_000)).toBe('run 7 of up to 30, about 4m left');
  expect(wholeOfAtMost(30, 30, -1_000)).toBe('run 31, one of those that are made again');
});
