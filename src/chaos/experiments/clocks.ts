/**
 * Clocks that jump: F5 to F7.
 *
 * @module
 */
import { driftAllowedMs } from '../drift.js';
import { range, type Experiment } from '../experiment.js';
import {
  breaks,
  excludesAwake,
  excludesEndless,
  holds,
  intrude,
  loseKey,
  outlives,
  recover,
  stops,
  takeBarely,
  succeed,
} from '../moves.js';

const FAR_MS = 50_000;

export const clockForward: Experiment = {
  id: 'F5',
  name: 'clock-forward',
  question: 'The clock of the one master that two majorities share jumps past the ttl: are both granted the lock?',
  ttlMs: 3_000,
  clients: 2,
  movesClocks: true,
  excludes: excludesEndless,
  expect: (terms) => breaks(terms, 'the key had no vote to spare, and servers expire keys by their wall clock'),
  play: (stage) => loseKey(stage, (master) => stage.inject({ kind: 'clock', master, byMs: 2 * stage.ttlMs }), true),
};

export const clockForwardSpare: Experiment = {
  id: 'F5b',
  name: 'clock-forward-spare',
  question: 'The same when all masters had granted the lock, so that one vote is to spare: does it hold?',
  ttlMs: 3_000,
  clients: 2,
  movesClocks: true,
  excludes: ({ masters }) => (masters < 3 ? 'one master has no vote to spare' : undefined),
  expect: () => holds('with all keys set it takes more than a minority of faults to break it'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    if ((await stage.keysSet()) < stage.terms.masters) stage.doubt('not every master had the key');
    for (const master of range(1, stage.terms.masters - stage.terms.quorum)) {
      await stage.inject({ kind: 'clock', master, byMs: 2 * stage.ttlMs });
    }
    await intrude(stage, first);
  },
};

export const clockDrift: Experiment = {
  id: 'F5c',
  name: 'clock-within-drift',
  question: 'That clock jumps by less than the drift allowance: does the lock still hold to its last millisecond?',
  // Long, so that the allowance, which is a hundredth of it, outlasts what a busy machine takes for an attempt.
  ttlMs: 6_000,
  clients: 2,
  movesClocks: true,
  excludes: excludesAwake,
  expect: ({ variant, traits }) =>
    variant === 'plain' || traits.promisesTooLong
      ? { findings: [], allowed: ['contract', 'belief', 'corruption'], reason: 'this lock makes no such allowance' }
      : {
          findings: [],
          // It stays to the end, and may be a moment late.
          allowed: ['belief', 'corruption', 'rejected'],
          reason: 'what clocks may differ by was taken off the promise',
        },
  async play(stage) {
    const { quorum } = stage.terms;
    const first = await takeBarely(stage);
    await first.read();
    await stage.inject({ kind: 'clock', master: quorum, byMs: driftAllowedMs(stage.ttlMs) });
    const second = stage.take(2, 2 * stage.ttlMs);
    // It stays to the end of its promise, and not a moment longer.
    await stage.untilPromiseEnds(first);
    await first.write();
    await first.release();
    const after = await second;
    await after?.read();
    await after?.write();
    await after?.release();
  },
};

export const clockBack: Experiment = {
  id: 'F6',
  name: 'clock-back',
  question: 'The clocks of a majority jump back under the lock of a dead holder: for how long is its key lost?',
  ttlMs: 500,
  clients: 2,
  movesClocks: true,
  excludes: excludesEndless,
  expect: () => stops('the keys live longer by the jump'),
  async play(stage) {
    await stage.mustTake(1);
    const jumps = [];
    for (const master of range(1, stage.terms.quorum)) {
      jumps.push(await stage.inject({ kind: 'clock', master, byMs: -FAR_MS }));
    }
    await stage.kill(1);
    if ((await stage.take(2, 4 * stage.ttlMs)) === undefined) stage.outage('the key outlived its ttl four times over');
    for (const jump of jumps) await jump.heal();
    await recover(stage, 2);
  },
};

export const clientClockBack: Experiment = {
  id: 'F7',
  name: 'client-clock-back',
  question: 'The wall clock of the holder steps back: does the holder believe for longer than the masters do?',
  ttlMs: 1_000,
  clients: 2,
  excludes: excludesAwake,
  expect: (terms) =>
    terms.traits.isOnWallClock
      ? breaks(terms, 'its promise ends on the wall clock, which went back')
      : outlives(terms, 'its promise ends on the monotonic clock; that the holder works on is its own doing'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    const step = await stage.moveWallClock(1, -FAR_MS);
    const second = await succeed(stage);
    await second?.write();
    await first.write();
    await first.release();
    await step.heal();
    await second?.release();
  },
};
