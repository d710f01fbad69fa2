import { describe, expect, it } from 'vitest';
import { msToNs } from '../model/time.js';
import { explainTimeout, explainTtl, sayFlags } from './tune-words.js';
import { tunePoint } from './tune.fixture.js';

const told = (points: Parameters<typeof explainTimeout>[0], recommended: number | null, target = 0.999): string =>
  explainTimeout(points, recommended, target).join(' ');

const INVALID = 'none of its 3 runs counts: the generator shaped the numbers (invalid)';

describe('why a per-node timeout', () => {
  const far = tunePoint({ nodeTimeoutMs: 82, granted: 6_000 });
  const near = tunePoint({ nodeTimeoutMs: 40, granted: 5_998 });

  it('says that one is longer and surer, where the shorter one is within the interval', () => {
    expect(told([near, far], 0)).toContain('82ms surely reached it, with 100 %');
    expect(told([near, far], 0)).not.toContain('No per-node timeout');
  });

  it('says that none reached the target only where all surely missed it', () => {
    const low = tunePoint({ nodeTimeoutMs: 40, granted: 5_900 });
    expect(told([low, tunePoint({ nodeTimeoutMs: 82, granted: 5_905 })], 0)).toContain(
      'No per-node timeout of those measured reached the 99.9 % that were asked; the most was 98.4 % with 82ms.',
    );
    const maybe = tunePoint({ nodeTimeoutMs: 82, operations: 600, granted: 599 });
    expect(told([low, maybe], 0)).toContain('whether a longer one does is not from this data');
  });

  it('says of what was left out what is unknown, and no more', () => {
    const missing = (nodeTimeoutMs: number) => tunePoint({ nodeTimeoutMs, leftOut: INVALID });
    const short = tunePoint({ nodeTimeoutMs: 10, granted: 4_000 });
    // What 10 ms surely missed, 3 ms misses too.
    expect(told([missing(3), short, far], 2)).not.toContain('whether a shorter one would do');
    expect(told([missing(3), missing(20), short, far], 3)).toContain(
      'whether a shorter one would do, because 20ms had no run that counts, even when made again: this machine, not the timeout, is why.',
    );
    expect(told([near, missing(82)], 0)).toContain('whether a longer one would grant more, because 82ms');
    expect(told([tunePoint({ nodeTimeoutMs: 40 }), missing(82)], 0)).not.toContain('82ms');
  });

  it('quotes no p99 of fewer than 100 grants', () => {
    const few = tunePoint({ nodeTimeoutMs: 40, operations: 99 });
    expect(told([few], 0)).toContain('its p99 is not from this data');
    expect(told([tunePoint({ nodeTimeoutMs: 3, granted: 40 }), far], 1)).not.toContain('40ms with a p99');
  });

  it('names no setting where the lock broke with all of them', () => {
    expect(told([tunePoint({ contractCount: 2 })], null)).toContain('the lock broke mutual exclusion');
    expect(told([tunePoint({ leftOut: 'invalid' })], null)).toContain('no per-node timeout had a valid run;');
  });
});

describe('why a ttl', () => {
  it('counts the holds that outlived it, and says how many they may be', () => {
    const sentences = explainTtl([tunePoint({ ttlMs: 160, operations: 3_000 })], 0, msToNs(50), 32, []);
    expect(sentences[0]).toContain('Use --ttl 160ms');
    expect(sentences[0]).toContain('0 of 3,000 outlived it (at most 0.13 %)');
  });
});

it('writes the flags that are known, and no others', () => {
  expect(sayFlags({ nodeTimeoutMs: 32 })).toBe('--node-timeout 32ms');
  expect(sayFlags({ nodeTimeoutMs: 32, retryDelayMs: 2, retryJitterMs: 8 })).toBe(
    '--node-timeout 32ms --retry-delay 2ms --retry-jitter 8ms',
  );
});
