/**
 * All experiments, in the order in which they are made.
 *
 * @module
 */
import type { Experiment } from './experiment.js';
import { clientClockBack, clockBack, clockDrift, clockForward, clockForwardSpare } from './experiments/clocks.js';
import { contention, herd } from './experiments/contention.js';
import { CRASHES, restartTooSoon } from './experiments/crashes.js';
import { failover, skewedReplica } from './experiments/failover.js';
import { fenceLost, fenceOfMajorities, fenceSurvives } from './experiments/fences.js';
import {
  delayedReplies,
  delayedWrite,
  halfOpen,
  majorityLost,
  minorityLost,
  resetAfterRequest,
  splitNetwork,
} from './experiments/network.js';
import { deathOfHolder, extendTooLate, pauseAfterGrant, pauseInFlight } from './experiments/pauses.js';
import { admin, deletion, eviction, renaming, stall } from './experiments/servers.js';

/** By the numbers of the literature's list; a letter marks a second experiment of one row. */
export const EXPERIMENTS: readonly Experiment[] = [
  contention,
  pauseAfterGrant,
  pauseInFlight,
  delayedReplies,
  delayedWrite,
  clockForward,
  clockForwardSpare,
  clockDrift,
  clockBack,
  clientClockBack,
  ...CRASHES,
  failover,
  restartTooSoon,
  minorityLost,
  majorityLost,
  splitNetwork,
  halfOpen,
  resetAfterRequest,
  stall,
  eviction,
  admin,
  deletion,
  renaming,
  extendTooLate,
  deathOfHolder,
  herd,
  fenceSurvives,
  fenceLost,
  fenceOfMajorities,
  skewedReplica,
];
