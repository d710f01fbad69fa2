/**
 * What every connection to a master keeps to, whichever transport it is.
 *
 * @module
 */
import { neverSent } from './master.js';

/** For connecting and the handshake together. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** How long a closing connection may take to say good-bye. */
export const DISCONNECT_TIMEOUT_MS = 500;
export const RECONNECT_DELAY_MS = 50;
export const RECONNECT_JITTER_MS = 100;
/** A master that has swallowed so many commands without a reply gets no further acquiring ones: memory is finite. */
export const MOST_UNANSWERED = 100_000;
/** The votes for a command that was not written, made once: a stack trace for every command would be dear. */
export const OVERLOADED = neverSent(`${String(MOST_UNANSWERED)} commands are unanswered`);
export const SILENT = neverSent('the server has been silent for over a second');
/** Its votes had decided before its script was found missing, and the script may not come after them. */
export const TOO_LATE = neverSent('it was settled before its script was loaded');
