import { describe, expect, it } from 'vitest';
import { ASSUMPTION_NAMES } from '../model/simulation.js';
import { ASSUMED, type Conditions } from './conditions.js';
import { search, searchUnder, tellSmallest } from './search.js';

const SEED = 1;

describe('with all assumptions', () => {
  it('no two promises overlap in 2,000 schedules', async () => {
    const { schedules, grants, found } = await search({ seed: SEED, schedules: 2_000, without: [] });
    expect(found).toBeNull();
    expect(schedules).toBe(2_000);
    expect(grants).toBeGreaterThan(4_000);
  });
});

describe('without one assumption', () => {
  it.each(ASSUMPTION_NAMES)('%s: a violation is found within 10,000 schedules', async (name) => {
    const { found } = await search({ seed: SEED, schedules: 10_000, without: [name] });
    expect(found).not.toBeNull();
  });

  it('its path leads to the schedule again, and always to the same story', async () => {
    const without = ['memory-kept-or-away'] as const;
    const { found } = await search({ seed: SEED, schedules: 10_000, without });
    const { seed = 0, path = '' } = found ?? {};
    expect(await search({ seed, schedules: 1, without, path })).toMatchObject({ schedules: 1, found: { seed, path } });
    const story = await tellSmallest({ seed, path, without });
    expect(story.at(-1)).toMatch(/^P2 violated: from \d+ ms to \d+ ms both c\d and c\d are promised k$/);
    expect(story.join('\n')).toMatch(/m\d crashes and forgets/);
    expect(await tellSmallest({ seed, path, without })).toEqual(story);
  });
});

describe('as an exhaustive model found', () => {
  const only = (part: Partial<Conditions>): Promise<boolean> =>
    searchUnder({ ...ASSUMED, ...part }, { seed: SEED, schedules: 400 }).then(({ found }) => found === null);

  it('clocks that jump back break nothing', async () => {
    expect(await only({ faults: ['jump', 'part'], jumpsMs: [-100, -1_000] })).toBe(true);
  });

  it('a grant without validity that is never relied on breaks nothing', async () => {
    const manners = { ...ASSUMED.manners, checksValidity: false };
    expect(await only({ faults: ['pause', 'pause', 'part'], manners })).toBe(true);
  });

  it('masters that come back with their keys break nothing', async () => {
    expect(await only({ faults: ['crash', 'part'] })).toBe(true);
  });

  it('masters that forget break nothing when they stay away for the ttl, but do after half of it', async () => {
    const faults = ['forget', 'part'] as const;
    expect(await only({ faults })).toBe(true);
    const climates = ASSUMED.climates.map((climate) => ({ ...climate, ttlsMs: [300], startsMs: [[0, 200] as const] }));
    expect(await only({ faults: ['forget'], masterCounts: [3, 1], absenceTtls: 0.5, climates })).toBe(false);
  });

  it('one master alone breaks nothing without a fault, and does when it forgets', async () => {
    expect(await only({ faults: ['hold'], masterCounts: [1] })).toBe(true);
    expect(await only({ faults: ['forget'], masterCounts: [1], absenceTtls: 0 })).toBe(false);
  });

  it('a clock that stands still in a client breaks it', async () => {
    expect(await only({ faults: ['sleep'] })).toBe(false);
  });
});
