/**
 * Masters that stall, evict or are emptied: F17 to F19.
 *
 * @module
 */
import { range, type Experiment } from '../experiment.js';
import { breaks, holdsAtLeast, loseKey, recover } from '../moves.js';

export const stall: Experiment = {
  id: 'F17',
  name: 'server-stall',
  question: 'All masters stand still with requests in their queues: are ttls counted from when they go on?',
  ttlMs: 2_000,
  // No request is given up before the masters go on.
  nodeTimeoutMs: 5_000,
  clients: 2,
  delaysAnswers: true,
  excludes: () => undefined,
  expect: () => holdsAtLeast('a key lives for its ttl from its execution, and the client counts from before'),
  async play(stage) {
    const stalls = await Promise.all(
      range(1, stage.terms.masters).map((master) => stage.inject({ kind: 'stall', master })),
    );
    const asking = [stage.attempt(1), stage.attempt(2)];
    for (const one of stalls) await one.heal();
    const reports = await Promise.all(asking);
    const holders = reports.map((report, index) => stage.hold(index + 1, report));
    if (holders.every((holder) => holder === undefined)) {
      stage.doubt('neither request that had waited for the masters was granted, so no ttl was put to the test');
    }
    for (const holder of holders) await holder?.read();
    for (const holder of holders) await holder?.write();
    for (const holder of holders) await holder?.release();
    await recover(stage, 1);
  },
};

export const eviction: Experiment = {
  id: 'F18',
  name: 'eviction',
  question: 'The one master that two majorities share runs out of memory and evicts: is the lock granted again?',
  ttlMs: 3_000,
  clients: 2,
  excludes: ({ traits }) => (traits.isEternal ? 'its keys have no ttl, and those go first that have one' : undefined),
  expect: (terms) => breaks(terms, 'a key with a ttl is the first to be evicted, and it had no vote to spare'),
  play: (stage) => loseKey(stage, (master) => stage.inject({ kind: 'evict', master }), true),
};

export const admin: Experiment = {
  id: 'F19',
  name: 'flushall',
  question: 'An administrator empties the one master that two majorities share: is the lock granted again?',
  ttlMs: 3_000,
  clients: 2,
  excludes: () => undefined,
  expect: (terms) => breaks(terms, 'the key was deleted, and it had no vote to spare'),
  play: (stage) => loseKey(stage, (master) => stage.inject({ kind: 'flush', master }), true),
};

/** Other things that an administrator may do to a key. */
function meddling(id: string, name: string, question: string, command: string, ...args: readonly string[]): Experiment {
  return {
    id,
    name,
    question,
    ttlMs: 3_000,
    clients: 2,
    excludes: () => undefined,
    expect: (terms) => breaks(terms, 'the key is gone, and it had no vote to spare'),
    play: (stage) => loseKey(stage, (master) => stage.administer(master, command, '', ...args), true),
  };
}

export const deletion = meddling(
  'F19b',
  'admin-deletes',
  'An administrator deletes the key on the one master that two majorities share: is the lock granted again?',
  'DEL',
);

export const renaming = meddling(
  'F19c',
  'admin-renames',
  'An administrator renames the key there: is the lock granted again?',
  'RENAME',
  'redlock-bench:renamed',
);
