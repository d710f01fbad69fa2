/**
 * Points of a tuning as plain data, for tests that need no masters.
 *
 * @module
 */
import { msToNs } from '../model/time.js';
import type { LockSettings, TunePoint } from '../model/tuning.js';
import { wilson } from './proportion.js';

interface Given extends Partial<Omit<TunePoint, 'settings' | 'success'>>, Partial<LockSettings> {
  readonly granted?: number;
  readonly p99Ms?: number;
}

/** A point of 6,000 operations that were all granted, unless given otherwise. */
export function tunePoint(given: Given = {}): TunePoint {
  const {
    granted,
    p99Ms = 10,
    nodeTimeoutMs = 50,
    ttlMs = 10_000,
    retryDelayMs = 5,
    retryJitterMs = 45,
    ...rest
  } = given;
  const operations = given.operations ?? 6_000;
  return {
    settings: { nodeTimeoutMs, ttlMs, retryDelayMs, retryJitterMs },
    runs: 3,
    directories: [],
    leftOut: null,
    safety: 'none-observed',
    contractCount: 0,
    operations,
    success: wilson(granted ?? operations, operations),
    p50Ns: msToNs(2),
    p99Ns: msToNs(p99Ms),
    attempts: 1,
    splitVoteShare: 0,
    failedMasterCostNs: null,
    validityLeftP1Ms: 9_800,
    outlived: { ...wilson(0, operations), of: operations },
    predicted: null,
    isOnFrontier: false,
    ...rest,
  };
}
