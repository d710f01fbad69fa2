/**
 * Masters that stall, evict or are emptied: F17 to F19.
 *
 * @module
 */
import { range, type Experiment } from '../experiment.js';
import { breaks, holdsAtLeast, loseKey } from '../moves.js';

export const stall: Experiment = {
  id: 'F17',
  name: 'server-stall',
  question: 'All masters stand still with requests in their queues: are ttls counted from when they go on?',
  ttlMs: 1_000,
  clients: 2,
  excludes: () => undefined,
  expect: () => holdsAtLeast('a key lives for its ttl from its execution, and the client counts from before'),
  async play(stage) {
    const stalls = await Promise.all(
      range(1, stage.terms.masters).map((master) => stage.inject({ kind: 'stall', master })),
    );
    const asking = [stage.attempt(1), stage.attempt(2)];
    await stage.sleep(0.6 * stage.ttlMs);
    for (const one of stalls) await one.heal();
    const reports = await Promise.all(asking);
    const holders = reports.map((report, index) => stage.hold(index + 1, report));
    for (const holder of holders) await holder?.read();
    for (const holder of holders) await holder?.write();
    for (const holder of holders) await holder?.release();
    const after = await stage.take(1, 4 * stage.ttlMs);
    if (after === undefined) stage.outage('the lock was not to be had after the masters went on');
    await after?.release();
  },
};

export const eviction: Experiment = {
  id: 'F18',
  name: 'eviction',
  question: 'The one master that two majorities share runs out of memory and evicts: is the lock granted again?',
  ttlMs: 3_000,
  clients: 2,
  excludes: () => undefined,
  expect: (terms) => breaks(terms, 'a key with a ttl is the first to be evicted, and it had no vote to spare'),
  play: (stage) => loseKey(stage, (master) => stage.inject({ kind: 'evict', master })),
};

export const admin: Experiment = {
  id: 'F19',
  name: 'flushall',
  question: 'An administrator empties the one master that two majorities share: is the lock granted again?',
  ttlMs: 3_000,
  clients: 2,
  excludes: () => undefined,
  expect: (terms) => breaks(terms, 'the key was deleted, and it had no vote to spare'),
  play: (stage) => loseKey(stage, (master) => stage.inject({ kind: 'flush', master })),
};
