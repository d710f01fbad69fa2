/**
 * A master with a replica that takes over: F11 and F24. Only for a lock on one master: the N masters of a Redlock have none.
 *
 * @module
 */
import type { Experiment, Terms } from '../experiment.js';
import { breaks, excludesEndless, intrude } from '../moves.js';

const onlyPlain = ({ variant }: Terms): string | undefined =>
  variant === 'plain' ? undefined : 'the masters are independent, and none has a replica';

export const failover: Experiment = {
  id: 'F11',
  name: 'failover',
  question: 'A replica that never heard of the lock is promoted: is the lock granted again?',
  ttlMs: 3_000,
  clients: 2,
  hasReplica: true,
  excludes: onlyPlain,
  expect: (terms) => breaks(terms, 'replication is asynchronous, and nobody waited for it'),
  async play(stage) {
    await stage.holdReplication();
    const first = await stage.mustTake(1);
    await first.read();
    await stage.inject({ kind: 'kill', master: 1 });
    await stage.promoteReplica(true);
    await intrude(stage, first);
  },
};

export const skewedReplica: Experiment = {
  id: 'F24',
  name: 'failover-to-a-fast-clock',
  question: 'A replica that has the lock, and whose clock is ahead, is promoted: does the lock end early?',
  ttlMs: 3_000,
  clients: 2,
  hasReplica: true,
  movesClocks: true,
  excludes: (terms) => onlyPlain(terms) ?? excludesEndless(terms),
  expect: (terms) => breaks(terms, 'since Redis 7 a ttl is replicated as an instant of the wall clock'),
  async play(stage) {
    // The replica is the second server.
    await stage.inject({ kind: 'clock', master: 2, byMs: 2 * stage.ttlMs });
    const first = await stage.mustTake(1);
    await first.read();
    await stage.awaitReplication();
    await stage.inject({ kind: 'kill', master: 1 });
    await stage.promoteReplica(false);
    await intrude(stage, first);
  },
};
