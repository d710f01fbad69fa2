/**
 * Contention without a fault: F0, the baseline, and F22, the herd.
 *
 * @module
 */
import type { Experiment } from '../experiment.js';
import { holds, holdsAtLeast, intrude, recover } from '../moves.js';

const LOOP_MS = 1_500;

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
    const holders = (await Promise.all(loops)).filter(({ granted }) => granted > 0).length;
    if (holders < 2) stage.doubt(`only ${String(holders)} of three clients were ever granted the lock`);
    const first = await stage.mustTake(1);
    await first.read();
    await intrude(stage, first);
  },
};

export const herd: Experiment = {
  id: 'F22',
  name: 'herd',
  question: 'Does a herd of clients that all want one key at once split the votes for ever?',
  ttlMs: 1_000,
  clients: 3,
  excludes: () => undefined,
  delaysAnswers: true,
  expect: ({ masters, traits }) =>
    traits.hangsOnTies && masters % 2 === 0
      ? { findings: [], allowed: ['liveness', 'stuck'], reason: 'this lock never settles a tie of votes' }
      : holdsAtLeast('split votes cost time, and random waits end them'),
  async play(stage) {
    const loops = [1, 2, 3].map((client) => stage.loop(client, { holdMs: 0, forMs: LOOP_MS, clients: 12 }));
    const each = (await Promise.all(loops)).map(({ granted }) => granted);
    each.forEach((granted, index) => {
      if (granted === 0) stage.outage(`client ${String(index + 1)} was never granted the lock`);
    });
    await recover(stage, 1);
  },
};
