/**
 * What every connection to a master keeps to, whichever transport it is.
 *
 * @module
 */

/** For connecting and the handshake together. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** How long a closing connection may take to say good-bye. */
export const DISCONNECT_TIMEOUT_MS = 500;
export const RECONNECT_DELAY_MS = 50;
export const RECONNECT_JITTER_MS = 100;
/** A master that has swallowed so many commands without a reply gets no further acquiring ones: memory is finite. */
export const MOST_UNANSWERED = 100_000;
