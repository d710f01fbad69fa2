/**
 * Faults of the network: F3, F4, F13 to F16.
 *
 * @module
 */
import { range, type Experiment, type Stage, type Trouble } from '../experiment.js';
import {
  answerLate,
  excludesAwake,
  excludesEndless,
  holds,
  holdsAtLeast,
  holdsUpWaiting,
  outlives,
  recover,
  refusesLate,
  stops,
  succeed,
} from '../moves.js';
import type { LinkFaultKind } from '../../model/fault.js';

const LOOP_MS = 800;
/** Long enough for a proxy to be told. */
const SETTLING_MS = 50;

/** The same fault on the ways of some clients to some masters. */
async function impair(
  stage: Stage,
  kind: LinkFaultKind,
  clients: readonly number[],
  masters: readonly number[],
): Promise<readonly Trouble[]> {
  const pairs = clients.flatMap((client) => masters.map((master) => ({ client, master })));
  return await Promise.all(pairs.map(({ client, master }) => stage.inject({ kind, client, master })));
}

async function healAll(troubles: readonly Trouble[]): Promise<void> {
  await Promise.all(troubles.map((trouble) => trouble.heal()));
}

/** All clients at once; says how many grants there were. */
async function loopAll(stage: Stage, clients: readonly number[]): Promise<number> {
  const loops = clients.map((client) => stage.loop(client, { holdMs: 1, forMs: LOOP_MS, clients: 1 }));
  return (await Promise.all(loops)).reduce((sum, { granted }) => sum + granted, 0);
}

export const delayedReplies: Experiment = {
  id: 'F3',
  name: 'delayed-replies',
  question: 'The grants come later than the ttl, to a client that is awake: does it take them for a lock?',
  ttlMs: 300,
  nodeTimeoutMs: 5_000,
  clients: 2,
  delaysAnswers: true,
  excludes: excludesEndless,
  expect: refusesLate,
  async play(stage) {
    const links = await impair(stage, 'hold-replies', [1], range(1, stage.terms.masters));
    const asking = stage.attempt(1);
    await stage.sleep(2 * stage.ttlMs);
    await answerLate(stage, asking, () => healAll(links));
  },
};

export const delayedWrite: Experiment = {
  id: 'F4',
  name: 'delayed-write',
  question: 'A write was sent in time and arrives after the ttl: who keeps it from the next holder’s data?',
  ttlMs: 1_000,
  clients: 2,
  excludes: excludesAwake,
  expect: (terms) => outlives(terms, 'the write is on its way, so no client can call it back; a fence refuses it'),
  async play(stage) {
    const first = await stage.mustTake(1);
    await first.read();
    const held = await stage.holdWrites(1);
    const writing = first.write();
    const second = await succeed(stage);
    await second?.write();
    await held.heal();
    await writing;
    await first.release();
    await second?.release();
  },
};

export const minorityLost: Experiment = {
  id: 'F13',
  name: 'minority-unreachable',
  question: 'Fewer than a majority of the masters cannot be reached: can the lock still be taken?',
  ttlMs: 2_000,
  clients: 2,
  delaysAnswers: true,
  excludes: () => undefined,
  expect: (terms) =>
    terms.masters === 1
      ? stops('the only master cannot be reached')
      : holdsUpWaiting(terms, 'the others are a majority, and the lost ones cost a node timeout at the most'),
  async play(stage) {
    const { masters, quorum } = stage.terms;
    const lost = range(masters === 1 ? 1 : quorum + 1, masters);
    const troubles = await impair(stage, 'blackhole', [1, 2], lost);
    if ((await loopAll(stage, [1, 2])) === 0) stage.outage('nobody was granted the lock');
    await healAll(troubles);
    await recover(stage, 1);
  },
};

export const majorityLost: Experiment = {
  id: 'F14',
  name: 'majority-unreachable',
  question: 'So many masters cannot be reached that no majority is left: is the lock granted to nobody?',
  ttlMs: 2_000,
  clients: 2,
  delaysAnswers: true,
  excludes: ({ masters }) => (masters < 3 ? 'one master has no minority, and its loss is F13' : undefined),
  expect: () => stops('no majority can vote'),
  async play(stage) {
    const { masters, quorum } = stage.terms;
    const troubles = await impair(stage, 'blackhole', [1, 2], range(1, quorum));
    const reports = [await stage.attempt(1), await stage.attempt(2)];
    const holders = reports.map((report, index) => stage.hold(index + 1, report));
    if (holders.every((holder) => holder === undefined)) {
      stage.outage(`with ${String(masters - quorum)} of ${String(masters)} masters nobody was granted the lock`);
    }
    for (const holder of holders) await holder?.read();
    await healAll(troubles);
    for (const holder of holders) await holder?.write();
    for (const holder of holders) await holder?.release();
    await recover(stage, 1);
  },
};

export const splitNetwork: Experiment = {
  id: 'F14b',
  name: 'split-network',
  question: 'Client 1 reaches a minority, client 2 the rest: is it granted to the one, and not to the other?',
  ttlMs: 2_000,
  clients: 2,
  delaysAnswers: true,
  excludes: ({ masters }) => (masters < 3 ? 'one master has no minority' : undefined),
  expect: (terms) => holdsUpWaiting(terms, 'a majority is needed, and only client 2 has one'),
  async play(stage) {
    const { masters, quorum } = stage.terms;
    await stage.reachOnly(1, range(1, masters - quorum));
    await stage.reachOnly(2, range(masters - quorum + 1, masters));
    const first = stage.hold(1, await stage.attempt(1));
    await first?.read();
    const second = await stage.take(2);
    if (second === undefined) stage.stuck('the client with a majority was not granted the lock');
    await second?.read();
    await second?.write();
    await first?.write();
    await first?.release();
    await second?.release();
  },
};

/** A client fails, having set keys; another one comes after it, while the way of the first is still what it was, or whole again. */
async function orphan(stage: Stage, kind: LinkFaultKind, isWholeAgain: boolean): Promise<void> {
  // Not awaited before the request: what befalls only a connection with a request shows no effect without one.
  const striking = impair(stage, kind, [1], range(1, stage.terms.masters));
  await stage.sleep(SETTLING_MS);
  const lost = stage.hold(1, await stage.attempt(1));
  const troubles = await striking;
  if (isWholeAgain) await healAll(troubles);
  // Its next attempt may have been granted, and what matters is what the lost one left.
  await lost?.release();
  const second = await stage.take(2, stage.ttlMs / 2);
  if (second === undefined) stage.outage('the keys that the failed client had set stayed for half of their ttl');
  await second?.read();
  await second?.write();
  await healAll(troubles);
  await second?.release();
  await recover(stage, 2);
}

export const halfOpen: Experiment = {
  id: 'F15',
  name: 'half-open',
  question: 'Requests arrive and replies are lost: does the client leave keys behind that it never knew of?',
  ttlMs: 2_000,
  clients: 2,
  delaysAnswers: true,
  excludes: () => undefined,
  expect: ({ traits }) =>
    traits.releasesEverywhere
      ? holds('requests arrive, and so does the release, which goes to every master')
      : holdsAtLeast('it can cost a ttl, where the lock releases only what it was granted'),
  play: (stage) => orphan(stage, 'half-open', false),
};

export const resetAfterRequest: Experiment = {
  id: 'F16',
  name: 'reset-after-request',
  question: 'The connection breaks between the command and its reply: is the command sent twice, or its key left?',
  ttlMs: 2_000,
  clients: 2,
  delaysAnswers: true,
  excludes: () => undefined,
  expect: () => holdsAtLeast('it can cost a ttl, where the deletion is not told again'),
  play: (stage) => orphan(stage, 'reset-after-request', true),
};
