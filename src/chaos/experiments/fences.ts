/**
 * Fences that go back, and resources that do not look: F23.
 *
 * @module
 */
import { range, type Experiment, type Stage, type Terms } from '../experiment.js';
import { holds } from '../moves.js';

const onlyFenced = ({ variant }: Terms): string | undefined => (variant === 'fenced' ? undefined : 'it has no fences');

/** A holder works and leaves; says whether the resource let it. */
async function work(stage: Stage, client: number): Promise<void> {
  const hold = await stage.mustTake(client);
  const answers = [await hold.read(), await hold.write()];
  if (answers.includes('refused')) stage.outage(`client ${String(client)} held the lock, and the resource refused it`);
  await hold.release();
}

async function forget(stage: Stage, masters: readonly number[]): Promise<void> {
  for (const master of masters) await stage.crash(master, 'kill', 0);
}

export const fenceSurvives: Experiment = {
  id: 'F23',
  name: 'fence-with-a-loss',
  question: 'All masters had stored the fence, and a minority forgets it: is the next fence still higher?',
  ttlMs: 2_000,
  clients: 2,
  persistence: 'none',
  excludes: onlyFenced,
  expect: () => holds('every later majority meets a master that still knows'),
  async play(stage) {
    await work(stage, 1);
    for (let tries = 0; !(await stage.haveKey(':fence')); tries++) {
      if (tries === 100) stage.doubt('not every master had stored the fence');
      if (tries === 100) break;
      await stage.sleep(5);
    }
    await forget(stage, range(1, stage.terms.masters - stage.terms.quorum));
    await work(stage, 2);
  },
};

export const fenceLost: Experiment = {
  id: 'F23b',
  name: 'fence-forgotten',
  question: 'All masters forget the fence: does the resource refuse the next holder?',
  ttlMs: 2_000,
  clients: 2,
  persistence: 'none',
  excludes: onlyFenced,
  expect: () => ({
    findings: ['rejected', 'liveness'],
    allowed: [],
    fencesMayGoBack: true,
    reason: 'the counter starts again below what the resource has seen; nothing is corrupted, and nobody gets through',
  }),
  async play(stage) {
    // Three times, so that the counter cannot come back to where it was.
    for (let time = 0; time < 3; time++) await work(stage, 1);
    await forget(stage, range(1, stage.terms.masters));
    await work(stage, 2);
  },
};

/** As if the write of a client that died had reached only one master; in the forms of our fences and of the mutant's. */
const AHEAD = 50;
const FENCE_AHEAD = `${String(AHEAD).padStart(16, '0')}:${'0'.repeat(20)}`;

export const fenceOfMajorities: Experiment = {
  id: 'F23c',
  name: 'fence-of-two-majorities',
  question:
    'One master knows a higher fence than the others: is the fence of the next majority, without it, higher still?',
  ttlMs: 2_000,
  clients: 2,
  excludes: onlyFenced,
  expect: () => holds('a fence is written back to a majority before it is used, so the next one learns of it'),
  async play(stage) {
    const { masters, quorum } = stage.terms;
    await stage.administer(1, 'SET', ':fence', FENCE_AHEAD);
    await stage.administer(1, 'SET', ':counter', String(AHEAD));
    await stage.reachOnly(1, range(1, quorum));
    await stage.reachOnly(2, range(masters - quorum + 1, masters));
    await work(stage, 1);
    await work(stage, 2);
  },
};
