import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ASSUMED } from './conditions.js';
import { play } from './play.js';
import { storiesUnder, type Story } from './story.js';

const [drawn] = fc.sample(storiesUnder(ASSUMED), { seed: 1, numRuns: 1 });

/** Two clients want the key at once, over three masters that answer within two milliseconds. */
function story(rest: Partial<Story>): Story {
  const client = { clockRate: 1, apartFrom: undefined, delaysMs: [1, 1, 1, 1, 1] };
  const task = {
    startMs: 0,
    ttlMs: 1_000,
    patienceMs: 400,
    holdMs: 50,
    extensionMs: undefined,
    end: 'release',
  } as const;
  return {
    ...drawn!,
    masters: 3,
    masterRates: [1, 1, 1, 1, 1],
    clients: [client, client, client],
    tasks: [task, task],
    faults: [],
    wakeUp: 'notify',
    ...rest,
  };
}

describe('a schedule', () => {
  it('gives the key to one client after the other', async () => {
    expect(await play(story({}), ASSUMED)).toEqual({ grants: 2, overlap: undefined, told: [] });
  });

  it('says nothing of promises when a task never settles', async () => {
    // Nobody is there to perform them.
    await expect(play(story({ clients: [] }), ASSUMED)).rejects.toThrow(
      'expected every task to settle, got 2 open when nothing was left to happen',
    );
  });
});
