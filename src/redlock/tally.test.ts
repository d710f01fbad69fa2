import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quorumOf } from '../model/quorum.js';
import { isSplitVote, judgeAttempt, judgeChange, type Votes } from './tally.js';

type Kind = 'granted' | 'refused' | 'failed';

/** Any number of masters from 1 to 7 and any votes of theirs, in any order. */
const ballots = fc
  .integer({ min: 1, max: 7 })
  .chain((n) => fc.array(fc.constantFrom<Kind>('granted', 'refused', 'failed'), { minLength: n, maxLength: n }));

function count(masters: number, votes: readonly Kind[]): Votes {
  const of = (kind: Kind): number => votes.filter((vote) => vote === kind).length;
  return { masters, granted: of('granted'), refused: of('refused'), failed: of('failed') };
}

/** Gives the votes one by one and says when the judge decided, and how. */
function play(votes: readonly Kind[], judge: typeof judgeAttempt): { verdict: string | undefined; given: number } {
  for (let given = 0; given <= votes.length; given++) {
    const verdict = judge(count(votes.length, votes.slice(0, given)));
    if (verdict !== undefined) return { verdict, given };
  }
  return { verdict: undefined, given: votes.length };
}

/** Every way in which the rest of the votes could still come. */
function completions(votes: readonly Kind[], given: number): Votes[] {
  const open = votes.length - given;
  const kinds: Kind[] = ['granted', 'refused', 'failed'];
  let rests: Kind[][] = [[]];
  for (let i = 0; i < open; i++) rests = rests.flatMap((rest) => kinds.map((kind) => [...rest, kind]));
  return rests.map((rest) => count(votes.length, [...votes.slice(0, given), ...rest]));
}

describe('the quorum', () => {
  it('is the smallest majority for odd and even numbers of masters', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(quorumOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });
});

describe('an attempt', () => {
  it('is decided for every number of masters and every order of votes, and is granted exactly with a majority', () => {
    fc.assert(
      fc.property(ballots, (votes) => {
        const { verdict } = play(votes, judgeAttempt);
        const { granted, masters } = count(votes.length, votes);
        expect(verdict === 'granted').toBe(granted > masters / 2);
        expect(verdict).toBeDefined();
      }),
    );
  });

  it('is decided at the first vote after which its end is certain, and never before', () => {
    fc.assert(
      fc.property(ballots, (votes) => {
        const { given } = play(votes, judgeAttempt);
        const ends = (upTo: number): Set<boolean> =>
          new Set(completions(votes, upTo).map(({ granted, masters }) => granted > masters / 2));
        expect(ends(given).size).toBe(1);
        if (given > 0) expect(ends(given - 1).size).toBe(2);
      }),
    );
  });

  it('is indeterminate exactly when its failures alone rule a quorum out', () => {
    fc.assert(
      fc.property(ballots, (votes) => {
        const { verdict, given } = play(votes, judgeAttempt);
        const { failed, masters } = count(votes.length, votes.slice(0, given));
        expect(verdict === 'indeterminate').toBe(masters - failed < quorumOf(masters));
      }),
    );
  });

  it.each<[string, Kind[], string, number]>([
    ['a tie of an even number ends at the vote that makes it one', ['granted', 'refused'], 'refused', 2],
    ['two of four refusals are enough', ['refused', 'refused', 'granted', 'granted'], 'refused', 2],
    ['a dead master and a holder on a live one are a held lock', ['failed', 'refused', 'refused'], 'refused', 2],
    [
      'a holder on the only live master is not known to hold the lock',
      ['failed', 'failed', 'refused'],
      'indeterminate',
      2,
    ],
    ['a grant beside two dead masters is no answer', ['granted', 'failed', 'failed'], 'indeterminate', 3],
    ['a single master decides alone', ['refused'], 'refused', 1],
  ])('%s', (_reading, votes, verdict, given) => {
    expect(play(votes, judgeAttempt)).toEqual({ verdict, given });
  });
});

describe('a release or an extension', () => {
  it('is decided at the first vote after which its end is certain: confirmed, lost, or neither', () => {
    const end = ({ masters, granted, refused }: Votes): string => {
      if (granted >= quorumOf(masters)) return 'granted';
      return refused >= masters - quorumOf(masters) + 1 ? 'refused' : 'indeterminate';
    };
    fc.assert(
      fc.property(ballots, (votes) => {
        const { verdict, given } = play(votes, judgeChange);
        const ends = (upTo: number): Set<string> => new Set(completions(votes, upTo).map(end));
        expect([...ends(given)]).toEqual([verdict]);
        if (given > 0) expect(ends(given - 1).size).toBeGreaterThan(1);
      }),
    );
  });

  it('is not lost by a failure and one refusal of three: the third vote tells', () => {
    expect(judgeChange(count(3, ['failed', 'refused']))).toBeUndefined();
    expect(judgeChange(count(3, ['failed', 'refused', 'refused']))).toBe('refused');
    expect(judgeChange(count(3, ['failed', 'refused', 'granted']))).toBe('indeterminate');
  });
});

describe('a split vote', () => {
  it.each<[string, Kind[], boolean]>([
    ['one of three, all answered', ['granted', 'refused', 'refused'], true],
    ['one of two, the tie', ['granted', 'refused'], true],
    ['none of three: others hold it', ['refused', 'refused', 'refused'], false],
    ['a quorum', ['granted', 'granted', 'refused'], false],
    ['a master that did not answer', ['granted', 'refused', 'failed'], false],
    ['votes still open', ['granted'], false],
  ])('%s', (_reading, votes, isSplit) => {
    expect(isSplitVote(count(_reading.includes('open') ? 3 : votes.length, votes))).toBe(isSplit);
  });
});
