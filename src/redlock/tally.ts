/**
 * Counting votes: when a fan-out is decided, and what it means. Pure.
 *
 * @module
 */
import { quorumOf } from '../model/quorum.js';

/** The votes of one fan-out so far. A vote that is missing at the deadline counts as failed. */
export interface Votes {
  readonly masters: number;
  readonly granted: number;
  readonly refused: number;
  readonly failed: number;
}

export type VoteVerdict = 'granted' | 'refused' | 'indeterminate';

/**
 * Judges an attempt to acquire, or returns undefined while it is open.
 *
 * It is decided by the Q-th grant, or by the (N−Q+1)-th refusal or failure, after which nobody can give it a quorum.
 * For even N that threshold is below Q: waiting for Q votes against would never end a tie. A lost attempt is
 * `indeterminate` when its failures alone rule a quorum out, so that no answer of the others could have won;
 * otherwise it took a holder's refusal to lose it, and it is `refused`. Judged by the votes that decided: a master
 * whose vote was still open then is taken for one that answers.
 */
export function judgeAttempt({ masters, granted, refused, failed }: Votes): VoteVerdict | undefined {
  const quorum = quorumOf(masters);
  if (granted >= quorum) return 'granted';
  const blocking = masters - quorum + 1;
  if (failed >= blocking) return 'indeterminate';
  return refused + failed >= blocking ? 'refused' : undefined;
}

/**
 * Judges a release or an extension, or returns undefined while it is open.
 *
 * `granted` at Q, `refused` (the lock is lost) when N−Q+1 masters say that the token is not theirs, `indeterminate`
 * once the open votes can bring neither about. It waits longer than an attempt does, because "lost" is a definite
 * statement which failures must not make.
 */
export function judgeChange({ masters, granted, refused, failed }: Votes): VoteVerdict | undefined {
  const quorum = quorumOf(masters);
  const blocking = masters - quorum + 1;
  if (granted >= quorum) return 'granted';
  if (refused >= blocking) return 'refused';
  const open = masters - granted - refused - failed;
  return granted + open < quorum && refused + open < blocking ? 'indeterminate' : undefined;
}

/**
 * Whether a finished attempt was a split vote: every master answered, some for us, yet not a quorum.
 *
 * It is what one contender can see. It also counts the vote in which another reached its quorum while a master of ours
 * was still free; only the tokens on the masters could tell the two apart.
 */
export function isSplitVote({ masters, granted, refused }: Votes): boolean {
  return granted + refused === masters && granted > 0 && granted < quorumOf(masters);
}
