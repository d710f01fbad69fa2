import { describe, expect, it } from 'vitest';
import type { Confirmation } from '../model/tuning.js';
import { wilson } from './proportion.js';
import { confirm, type RunAgain } from './tune-confirmation.js';
import { tunePoint } from './tune.fixture.js';

const swept = tunePoint({ granted: 5_998, p99Ms: 30 });
const contended = tunePoint({ p99Ms: 60 });

function confirmed(given: Partial<RunAgain>): Confirmation {
  return confirm({
    swept,
    again: tunePoint({ granted: 5_997, p99Ms: 31 }),
    sweptTtl: undefined,
    sweptContended: contended,
    againContended: tunePoint({ p99Ms: 66 }),
    targetSuccess: 0.999,
    ...given,
  });
}

describe('the recommendation in runs of its own', () => {
  it('is confirmed when success and p99 agree, and says that of the timeout alone', () => {
    const { isConfirmed, sentences } = confirmed({});
    expect(isConfirmed).toBe(true);
    expect(sentences).toEqual([
      'The per-node timeout is confirmed by runs of its own with another seed: success 99.95 % after 99.97 %; p99 31.0 ms after 30.0 ms.',
      'Not from these runs alone: whether it reaches the 99.9 % that were asked lies within their interval (99.85 % to 99.98 %).',
      'On one contended key the p99 with this wait is 66.0 ms after 60.0 ms.',
    ]);
  });

  it.each<[string, Partial<RunAgain>, RegExp]>([
    [
      'another success',
      { again: tunePoint({ granted: 5_900, p99Ms: 30 }), targetSuccess: 0.9 },
      /differs beyond the intervals/,
    ],
    ['another p99', { again: tunePoint({ granted: 5_998, p99Ms: 40 }) }, /differs by more than a quarter/],
    [
      'a target that is missed now, though the intervals overlap',
      { swept: tunePoint({ granted: 5_994, p99Ms: 30 }), again: tunePoint({ granted: 5_986, p99Ms: 30 }) },
      /which misses what was asked/,
    ],
    ['runs that do not count', { again: tunePoint({ leftOut: 'invalid' }) }, /its own runs do not count \(invalid\)/],
    [
      'more holds that outlive the ttl',
      {
        sweptTtl: tunePoint(),
        again: tunePoint({ granted: 5_998, p99Ms: 30, outlived: { ...wilson(60, 6_000), of: 6_000 } }),
      },
      /^The per-node timeout with its ttl is not confirmed.* of the holds outlived the ttl after 0 %, which is more/,
    ],
  ])('is not confirmed by %s', (_, given, sentence) => {
    const { isConfirmed, sentences } = confirmed(given);
    expect(isConfirmed).toBe(false);
    expect(sentences[0]).toMatch(/is not confirmed/);
    expect(sentences[0]).toMatch(sentence);
  });

  it('is withdrawn when the lock broke, alone or on one contended key', () => {
    const broken = { contractCount: 1, safety: 'violation', granted: 5_998, p99Ms: 30 } as const;
    for (const given of [{ again: tunePoint(broken) }, { againContended: tunePoint(broken) }]) {
      const { isConfirmed, sentences } = confirmed(given);
      expect(isConfirmed).toBe(false);
      expect(sentences).toEqual([expect.stringMatching(/^The recommendation is withdrawn: .* broke mutual exclusion/)]);
    }
  });

  it('says why the wait is not confirmed', () => {
    const last = (given: Partial<RunAgain>): string | undefined => confirmed(given).sentences.at(-1);
    expect(last({ againContended: undefined })).toContain('was not run again');
    expect(last({ sweptContended: undefined })).toContain('nothing to hold it against');
    expect(last({ againContended: tunePoint({ leftOut: 'invalid' }) })).toContain('do not count (invalid)');
    expect(last({ againContended: tunePoint({ granted: 20 }) })).toContain('fewer than 100 grants');
    expect(last({ againContended: tunePoint({ p99Ms: 90 }) })).toContain('differs by more than a quarter');
  });

  it('lets a p99 of fewer than 100 grants decide nothing', () => {
    const { isConfirmed, sentences } = confirmed({
      swept: tunePoint({ operations: 90, p99Ms: 30 }),
      again: tunePoint({ operations: 90, p99Ms: 300 }),
    });
    expect(isConfirmed).toBe(true);
    expect(sentences[0]).toContain('of the p99 nothing can be said');
  });
});
