/**
 * Clients that stand still or die: F1, F2, F20, F21.
 *
 * @module
 */
import { nsToMs, systemClock } from '../../model/time.js';
import { range, type Experiment, type Stage } from '../experiment.js';
import { answerLate, excludesAwake, excludesEndless, outlives, refusesLate, stops, succeed } from '../moves.js';

export const pauseAfterGrant: Experiment = {
  id: 'F1',
  name: 'pause-after-grant',
  question: 'A holder is stopped past its ttl and goes on with its work: who notices?',
  ttlMs: 1_000,
  clients: 3,
  excludes: excludesEndless,
  expect: (terms) => outlives(terms, 'no lease can stop a holder that does not look at its clock; a fence can'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    const pause = await stage.pause(1);
    const second = await succeed(stage);
    await second?.write();
    await pause.heal();
    await first.write();
    // Its release comes too late; a lock that deletes blindly lets the third client in beside the second.
    await first.release();
    const third = stage.hold(3, await stage.attempt(3));
    await third?.read();
    await third?.write();
    await third?.release();
    await second?.release();
  },
};

export const pauseInFlight: Experiment = {
  id: 'F2',
  name: 'pause-in-flight',
  question: 'The grants arrive while the client stands still, past the ttl: does it take them for a lock?',
  ttlMs: 300,
  nodeTimeoutMs: 5_000,
  clients: 2,
  delaysAnswers: true,
  excludes: excludesEndless,
  expect: refusesLate,
  async play(stage) {
    const links = await Promise.all(
      range(1, stage.terms.masters).map((master) => stage.inject({ kind: 'hold-replies', master, client: 1 })),
    );
    const asking = stage.attempt(1);
    await untilSet(stage);
    const block = await stage.block(1, 3 * stage.ttlMs);
    for (const link of links) await link.heal();
    await answerLate(stage, asking, () => block.heal());
  },
};

export const extendTooLate: Experiment = {
  id: 'F20',
  name: 'extend-too-late',
  question: 'The timer of an extension comes after the ttl: is the lost lock taken back from its next holder?',
  ttlMs: 1_000,
  clients: 2,
  excludes: (terms) => (terms.canExtend ? excludesAwake(terms) : 'this lock cannot be extended'),
  expect: (terms) =>
    outlives(terms, 'the extension must be refused; what the holder did meanwhile only a fence undoes'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    const block = await stage.block(1, 1.6 * stage.ttlMs);
    const second = await succeed(stage);
    await second?.write();
    await block.heal();
    // Were it told that it is extended, its promise would overlap that of the second.
    await first.extend();
    await first.write();
    await first.release();
    await second?.release();
  },
};

export const deathOfHolder: Experiment = {
  id: 'F21',
  name: 'death-of-holder',
  question: 'A holder dies: how long is its key lost to the others?',
  ttlMs: 1_000,
  clients: 2,
  excludes: () => undefined,
  expect: ({ traits }) =>
    traits.isEternal
      ? {
          findings: ['stuck'],
          allowed: [],
          reason: 'the key of a dead holder has no ttl, and nobody else may delete it',
        }
      : stops('the key of a dead holder is freed by its ttl, and by nothing before it'),
  async play(stage) {
    await stage.mustTake(1);
    await stage.kill(1);
    const diedNs = systemClock.nowNs();
    const second = await stage.take(2, 4 * stage.ttlMs);
    const waitedMs = nsToMs(systemClock.nowNs() - diedNs);
    if (second === undefined) stage.stuck('the key was never freed');
    else {
      stage.recovered(waitedMs);
      if (waitedMs > stage.ttlMs / 2) stage.outage(`the key was lost for ${waitedMs.toFixed(0)} ms after the death`);
    }
    await second?.release();
  },
};

/** Waits until a majority has the key, whose replies are held back. */
async function untilSet(stage: Stage): Promise<void> {
  let most = 0;
  for (let tries = 0; tries < 100 && most < stage.terms.quorum; tries++) {
    most = Math.max(most, await stage.keysSet());
    await stage.sleep(1);
  }
  // Who asks one master after the other waits for the first, so one must do.
  if (most === 0) stage.doubt('no request of the first client reached a master');
}
