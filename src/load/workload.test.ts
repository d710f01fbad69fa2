import { describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import { completeScenario, type KeyChoice, type ScenarioInput } from '../model/scenario.js';
import { createWorkload, keyCount } from './workload.js';

const DRAWS = 50_000;

function keysOf(keys: KeyChoice, slot = 0): number[] {
  const workload = createWorkload(completeScenario({ keys }, 1), seededRandom(4));
  return Array.from({ length: DRAWS }, () => workload.next(slot).keyIndex);
}

describe('createWorkload', () => {
  it('gives each slot its own key when uncontended, and all the same one when single', () => {
    expect(new Set(keysOf({ kind: 'uncontended' }, 7))).toEqual(new Set([7]));
    expect(new Set(keysOf({ kind: 'single' }, 7))).toEqual(new Set([0]));
  });

  it('sends the stated share to the hot key and spreads the rest over all the others', () => {
    const keys = keysOf({ kind: 'hotspot', keys: 5, hotShare: 0.8 });
    const share = (key: number): number => keys.filter((drawn) => drawn === key).length / DRAWS;
    expect(share(0)).toBeCloseTo(0.8, 2);
    for (const key of [1, 2, 3, 4]) expect(share(key)).toBeCloseTo(0.05, 2);
  });

  it('spreads uniform keys evenly', () => {
    const keys = keysOf({ kind: 'uniform', keys: 4 });
    for (const key of [0, 1, 2, 3]) expect(keys.filter((drawn) => drawn === key).length / DRAWS).toBeCloseTo(0.25, 2);
  });

  it('holds for the stated time, or exponentially around it', () => {
    const holds = (input: ScenarioInput): number[] => {
      const workload = createWorkload(completeScenario(input, 1), seededRandom(4));
      return Array.from({ length: DRAWS }, () => workload.next(0).holdMs);
    };
    expect(new Set(holds({ hold: { kind: 'constant', meanMs: 5 } }))).toEqual(new Set([5]));
    const drawn = holds({ hold: { kind: 'exponential', meanMs: 5 } });
    expect(drawn.reduce((sum, ms) => sum + ms, 0) / DRAWS).toBeCloseTo(5, 0);
  });
});

describe('keyCount', () => {
  it.each<[ScenarioInput, number]>([
    [{ concurrency: 8 }, 8],
    [{ ratePerSecond: 10, inFlight: 30 }, 30],
    [{ keys: { kind: 'single' } }, 1],
    [{ keys: { kind: 'zipf', keys: 99, theta: 1 } }, 99],
  ])('of %j is %d', (input, keys) => {
    expect(keyCount(completeScenario(input, 1))).toBe(keys);
  });
});
