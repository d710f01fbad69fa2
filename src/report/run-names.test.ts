import { describe, expect, it } from 'vitest';
import { nameRuns } from './run-names.js';
import { comparedRuns } from './sample-runs.fixture.js';
import { simulateRun } from './simulated-run.fixture.js';

const compared = comparedRuns();
const tiny = { intervals: 1, perInterval: 2 };

describe('names of runs', () => {
  it('say N and keys, and put what follows from the keys to the keys', () => {
    const names = nameRuns(compared);
    expect(names.map(({ member }) => member)).toEqual(['N=1', 'N=1', 'N=3', 'N=3', 'N=5', 'N=5']);
    expect(new Set(names.map(({ group }) => group))).toEqual(
      new Set(['uncontended keys, wait 10s', 'one key for all, wait 1s']),
    );
  });

  it('say what else differs, and nothing that does not', () => {
    const runs = [2, 9].map((roundTripMs) =>
      simulateRun({ ...tiny, scenario: { rtt: [[{ roundTripMs, jitterMs: 0 }]], ttlMs: 7_000 } }),
    );
    expect(nameRuns(runs.map(({ result }) => result)).map(({ label }) => label)).toEqual([
      'N=3, rtt 2ms, uncontended keys',
      'N=3, rtt 9ms, uncontended keys',
    ]);
  });

  it('tell emulated masters by their speed', () => {
    const runs = [500, undefined].map((serviceRatePerSecond) =>
      simulateRun({ ...tiny, scenario: { serviceRatePerSecond } }),
    );
    expect(nameRuns(runs.map(({ result }) => result)).map(({ member }) => member)).toEqual([
      'N=3, serving 500 requests/s',
      'N=3, own speed',
    ]);
  });

  it('number repetitions, so that no two runs share a name', () => {
    const { result } = simulateRun(tiny);
    const labels = nameRuns([result, result, result]).map(({ label }) => label);
    expect(labels).toEqual(['N=3, uncontended keys', 'N=3 (2), uncontended keys', 'N=3 (3), uncontended keys']);
  });
});
