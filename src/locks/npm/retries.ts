/**
 * The scenario's retry settings in the terms of other libraries.
 *
 * @module
 */
import type { Scenario } from '../../model/scenario.js';

export interface EqualRetries {
  /** The middle of our range of delays, whole: what a library without jitter waits. */
  readonly meanDelayMs: number;
  /** How far to either side of it. */
  readonly spreadMs: number;
  /** Retries after the first attempt that fill the acquire timeout with such delays; 0 = one attempt. */
  readonly count: number;
}

/**
 * Ours waits the delay plus a share of the jitter; others take a middle and a spread around it, and a count for a
 * timeout. Attempts take time, too, so a count waits rather longer than the timeout it stands for.
 */
export function equalRetries({ retryDelayMs, retryJitterMs, acquireTimeoutMs }: Scenario): EqualRetries {
  const spreadMs = Math.round(retryJitterMs / 2);
  const meanDelayMs = Math.max(1, Math.round(retryDelayMs + retryJitterMs / 2));
  return { meanDelayMs, spreadMs, count: Math.ceil(acquireTimeoutMs / meanDelayMs) };
}
