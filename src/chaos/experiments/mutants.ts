/**
 * F0m's last mistake, which is one of the resource: it registers a fence when it is written with, and not when it is read with.
 *
 * @module
 */
import type { Experiment } from '../experiment.js';
import { holds, succeed } from '../moves.js';

export const mutationOfLedger: Experiment = {
  id: 'F0m',
  name: 'fence-registered-on-writes-only',
  question: 'A late write comes between the read and the write of the next holder: is one of the two lost?',
  ttlMs: 500,
  clients: 2,
  ledgerRule: 'writes-only',
  excludes: ({ variant }) => (variant === 'fenced' ? undefined : 'it has no fences'),
  expect: () => holds('a resource that registers a fence on its first touch refuses the late write'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    const second = await succeed(stage);
    await first.write();
    await second?.write();
    await first.release();
    await second?.release();
  },
};
