import { judgeAttempt } from '../../src/redlock/tally.js';
import type { MicroBench } from './micro-bench.js';

/** Five votes counted one by one, judged after each, as a fan-out to five masters does. */
export const tallyBenches: readonly MicroBench[] = [
  {
    name: 'tally: five votes, judged after each',
    prepare: () => {
      const votes = { masters: 5, granted: 0, refused: 0, failed: 0 };
      return () => {
        votes.granted = 0;
        for (let vote = 0; vote < 5; vote++) {
          votes.granted++;
          judgeAttempt(votes);
        }
      };
    },
  },
];
