/**
 * Masters that crash: F8 to F10, F12.
 *
 * @module
 */
import type { Expectation } from '../../check/experiment-verdict.js';
import type { Persistence } from '../../model/scenario.js';
import type { Experiment, Terms } from '../experiment.js';
import { breaks, holds, loseKey } from '../moves.js';

/** Long enough for a restart within the promise. */
const TTL_MS = 3_000;

interface Crash {
  readonly id: string;
  readonly name: string;
  readonly question: string;
  readonly persistence: Persistence | 'snapshots';
  readonly how: 'kill' | 'power-loss' | 'shutdown';
  /** Why the key is still there after an immediate restart; undefined: it is not. */
  readonly kept: string | undefined;
}

/** The one master that two majorities share crashes, and is back at once or after the delay of the variant. */
function crash({ id, name, question, persistence, how, kept }: Crash): Experiment {
  return {
    id,
    name,
    question,
    persistence,
    ttlMs: TTL_MS,
    clients: 2,
    excludes: ({ variant }) =>
      variant === 'delayed-restart' && kept !== undefined ? 'nothing is forgotten, so nothing need wait' : undefined,
    expect: (terms) => expectation(terms, kept),
    play: (stage) => loseKey(stage, (master) => stage.crash(master, how), kept === undefined),
  };
}

function expectation(terms: Terms, kept: string | undefined): Expectation {
  if (kept !== undefined) return holds(kept);
  if (terms.variant === 'delayed-restart') return holds('the master stays away until the promise is over');
  return breaks(terms, 'the master forgot the key, which had no vote to spare');
}

const REMEMBERED = 'the system keeps what a killed process had written to its file';

export const CRASHES: readonly Experiment[] = [
  crash({
    id: 'F8',
    name: 'crash-without-persistence',
    question: 'A master without persistence is killed and restarted: is its key granted again?',
    persistence: 'none',
    how: 'kill',
    kept: undefined,
  }),
  crash({
    id: 'F8b',
    name: 'shutdown-with-snapshots',
    question: 'A master with snapshots is shut down in order and restarted: does it know its key?',
    persistence: 'snapshots',
    how: 'shutdown',
    kept: 'it saves before it ends',
  }),
  crash({
    id: 'F8c',
    name: 'crash-with-snapshots',
    question: 'A master with snapshots is killed and restarted: does it know its key?',
    persistence: 'snapshots',
    how: 'kill',
    kept: undefined,
  }),
  crash({
    id: 'F9',
    name: 'crash-everysec',
    question: 'A master that syncs its file every second is killed and restarted: does it know its key?',
    persistence: 'everysec',
    how: 'kill',
    kept: REMEMBERED,
  }),
  crash({
    id: 'F9b',
    name: 'power-loss-everysec',
    question: 'The same master loses its power, and with it what was not synced: does it know its key?',
    persistence: 'everysec',
    how: 'power-loss',
    kept: undefined,
  }),
  crash({
    id: 'F10',
    name: 'power-loss-always',
    question: 'A master that syncs before every reply loses its power: does it know its key?',
    persistence: 'always',
    how: 'power-loss',
    kept: 'nothing was answered that was not on the disk',
  }),
];

/** Of the ttl: the second client has time left to get in while the promise lasts. */
const TOO_SOON = 0.3;

export const restartTooSoon: Experiment = {
  id: 'F12',
  name: 'restart-too-soon',
  question: 'A master that forgot stays away for less than the ttl: is its key granted again?',
  persistence: 'none',
  ttlMs: TTL_MS,
  clients: 2,
  delaysAnswers: true,
  excludes: () => undefined,
  expect: (terms) => breaks(terms, 'the delay ended before the promise did'),
  play: (stage) => loseKey(stage, (master) => stage.crash(master, 'kill', TOO_SOON * stage.ttlMs), true),
};
