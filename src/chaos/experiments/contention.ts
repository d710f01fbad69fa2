/**
 * Contention without a fault: F0, the baseline, and F22, the herd.
 *
 * @module
 */
import type { Experiment } from '../experiment.js';
import { holds, holdsAtLeast } from '../moves.js';

const LOOP_MS = 1_500;
/** Beyond half of the ttl, within the promise: a key that lives shorter than promised is gone by then. */
const LONG_HOLD_SHARE = 0.7;

export const contention: Experiment = {
  id: 'F0',
  name: 'contention',
  question: 'Do clients that contend for one key, all else being well, exclude each other?',
  ttlMs: 1_000,
  clients: 3,
  excludes: () => undefined,
  expect: () => holds('nothing fails, so every promise must hold'),
  async play(stage) {
    const loops = [1, 2, 3].map((client) => stage.loop(client, { holdMs: 2, forMs: LOOP_MS, clients: 2 }));
    const granted = (await Promise.all(loops)).reduce((sum, loop) => sum + loop.granted, 0);
    if (granted === 0) stage.outage('nobody was granted the lock');
    const first = await stage.mustTake(1);
    await first.read();
    const second = await stage.take(2, stage.ttlMs * LONG_HOLD_SHARE);
    await second?.read();
    await second?.write();
    await first.write();
    await first.release();
    await second?.release();
  },
};

export const herd: Experiment = {
  id: 'F22',
  name: 'herd',
  question: 'Does a herd of clients that all want one key at once split the votes for ever?',
  ttlMs: 1_000,
  clients: 3,
  excludes: () => undefined,
  expect: () => holdsAtLeast('split votes cost time, and random waits end them'),
  async play(stage) {
    const loops = [1, 2, 3].map((client) => stage.loop(client, { holdMs: 0, forMs: LOOP_MS, clients: 12 }));
    const each = (await Promise.all(loops)).map(({ granted }) => granted);
    each.forEach((granted, index) => {
      if (granted === 0) stage.outage(`client ${String(index + 1)} was never granted the lock`);
    });
  },
};
