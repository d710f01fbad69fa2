/**
 * One lock that was granted, as its holder told it afterwards.
 *
 * @module
 */
import type { Ns } from '../model/time.js';

/** A hold, from its grant to its release; every instant is read from one clock, that of the host. */
export interface Hold {
  readonly keyIndex: number;
  /** Who held: a number of the caller's choice, made a name only where an overlap is listed. */
  readonly holder: number;
  /** Read in the holder, after its acquire had returned. */
  readonly grantedNs: Ns;
  /** Read in the holder, before it sent the release. For a holder that died: the last instant at which it surely held. */
  readonly releaseInvokedNs: Ns;
  /** Until when the lock promised to exclude others; Infinity where it did so until the release. */
  readonly validUntilNs: Ns;
}
